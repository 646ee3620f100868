create or replace function pgops.end_without_old_table(conversion pgops.operation, operation text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass := (conversion.targets #>> '{0,oid}')::oid::regclass;
    log_name text := pgops.operation_object(new_table, conversion.operation_id, 'log');
    command text;
begin
    if operation = 'undo' then
        raise exception 'undo of % is not possible: the old table is not there any more', new_table
            using errcode = 'object_not_in_prerequisite_state', hint = 'Operation "finish" ends the conversion.';
    end if;
    for command in
        select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
        from pg_trigger as t
        where t.tgname in ('pgops_operation_' || conversion.operation_id, 'pgops_operation_' || conversion.operation_id || '_truncate')
            and t.tgparentid = 0
            and t.tgrelid in (select p.relid from pg_partition_tree(new_table) as p)
        union all
        select format('drop function if exists %s()', log_name)
        union all
        select format('drop table if exists %s', log_name)
    loop
        perform pgops.run_within(new_table, command,
            clock_timestamp() + (conversion.options ->> 'lock_budget_ms')::integer * interval '1 ms');
    end loop;
    update pgops.operation as o
    set phase = 'done', state = 'done', finished_at = clock_timestamp(), error = null, runner_pid = null
    where o.operation_id = conversion.operation_id;
    perform pgops.log_event('info', 'operations', new_table::text, format('operation %s: finish of the conversion done; the old '
        'table had been dropped before', conversion.operation_id), conversion.arguments);
    return conversion.operation_id;
end
$$;

comment on function pgops.end_without_old_table(pgops.operation, text) is
    'Finishes a conversion whose old table somebody has dropped: there is nothing left to be kept in step. Errors: 55000 it cannot '
    'be undone, 55P03 locks not obtained in time. Locks: ACCESS EXCLUSIVE on the new table and its partitions.';

revoke all on function pgops.end_without_old_table(pgops.operation, text) from public;
grant execute on function pgops.end_without_old_table(pgops.operation, text) to pgops_operator;
