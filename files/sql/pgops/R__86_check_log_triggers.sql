create or replace function pgops.check_log_triggers(operation pgops.operation) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
    unnoted regclass;
begin
    if not operation.progress ? 'switched' and exists (
        select from pgops.table_leaves(operation.relation) as l (leaf)
        full join unnest(pgops.operation_sources(operation)) as s (source) on s.source = l.leaf
        where l.leaf is null or s.source is null
    ) then
        raise exception '% has got another partition, or one less', operation.relation using errcode = 'PG004';
    end if;
    perform pgops.check_compared_files(operation);
    select l.leaf into unnoted
    from unnest(case when operation.progress ? 'switched' then array(select t.leaf from pgops.table_leaves(new_table) as t (leaf))
        else pgops.operation_sources(operation) end) as l (leaf)
    where (
        select count(*) from pg_trigger as t
        where t.tgrelid = l.leaf
            and t.tgenabled = 'A'
            -- A partition that came after the switch has no trigger of its own for TRUNCATE.
            and t.tgname in ('pgops_operation_' || operation.operation_id, case when not operation.progress ? 'switched'
                then 'pgops_operation_' || operation.operation_id || '_truncate' end)
    ) < case when operation.progress ? 'switched' then 1 else 2 end
    limit 1;
    if found then
        raise exception 'a trigger that notes changed rows of % was disabled or dropped', unnoted
            using errcode = 'object_not_in_prerequisite_state',
                hint = format('CALL pgops.operation_cancel(%s), and begin anew.', operation.operation_id);
    end if;
end
$$;

comment on function pgops.check_log_triggers(pgops.operation) is
    'Asks, under the locks of a switch, whether all changes of the table that is written to have been noted. '
    'Errors: 55000 a trigger is not there, PG004 the table has got partitions that were not copied, or lost '
    'one that was, PG006 others than those whose rows were compared.';

revoke all on function pgops.check_log_triggers(pgops.operation) from public;
grant execute on function pgops.check_log_triggers(pgops.operation) to pgops_operator;
