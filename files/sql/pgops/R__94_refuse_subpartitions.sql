create or replace function pgops.refuse_subpartitions(relation regclass, targets jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    nested_name text := (
        select t.target ->> 'name' from jsonb_array_elements(targets) as t (target) where t.target ? 'subpartitions' limit 1
    );
begin
    if nested_name is not null then
        perform pgops.refuse_operation(
            format('the policy of %s gives partitions of its own to %s, and an operation does not move rows of the default partition, or '
                'one too large to be looked through under a lock, into such', coalesce(pg_partition_root(relation), relation), nested_name),
            format('CALL pgops.partition_apply(%L) makes what the policy wants and moves the rows, while writers wait.',
                coalesce(pg_partition_root(relation), relation)::text));
    end if;
end
$$;

comment on function pgops.refuse_subpartitions(regclass, jsonb) is
    'Raises 22023 where a new partition into which rows of the default partition are to move would be partitioned itself.';

revoke all on function pgops.refuse_subpartitions(regclass, jsonb) from public;
grant execute on function pgops.refuse_subpartitions(regclass, jsonb) to pgops_operator;
