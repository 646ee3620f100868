create or replace function pgops.refuse_during_operation(parent regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    unfinished record;
begin
    select o.operation_id, o.operation, o.relation into unfinished from pgops.operation as o
    where o.finished_at is null
        -- Taking a partition away is no concern of the others, and those who failed at it may fail for long.
        and o.operation_id <> all (pgops.unfinished_archives(parent))
        and (o.relation = parent or o.relation in (select t.relid from pg_partition_tree(parent) as t))
    order by o.operation_id
    limit 1;
    if found then
        raise exception 'operation % (%) changes the partitions of % and is not finished', unfinished.operation_id,
            unfinished.operation, unfinished.relation
            using errcode = 'object_in_use',
                hint = format('CALL pgops.operation_resume(%s) goes on with it, CALL pgops.operation_cancel(%1$s) undoes it.',
                    unfinished.operation_id);
    end if;
end
$$;

comment on function pgops.refuse_during_operation(regclass) is
    'Raises 55006 while an operation on the partitions of a table, or of one nested in it, is not finished: a policy is applied '
    'before or after it. Not while one that archives by this policy has failed.';

revoke all on function pgops.refuse_during_operation(regclass) from public;
grant execute on function pgops.refuse_during_operation(regclass) to pgops_operator;
