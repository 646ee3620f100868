create or replace function pgops.perform_clean(operation pgops.operation, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    old_table record;
begin
    for old_table in
        select c.oid::regclass as name, c.relkind
        from jsonb_array_elements(operation.sources) as s (source)
        join pg_class as c on c.oid = (s.source ->> 'oid')::oid
        where s.source ->> 'then' = 'drop'
            and pgops.is_old_table(operation, c.oid)
            and not exists (select from pg_inherits as i where i.inhrelid = c.oid)
    loop
        perform pgops.run_within(root, format('drop %s %s', case old_table.relkind when 'f' then 'foreign table' else 'table' end,
            old_table.name), deadline);
    end loop;
    perform pgops.drop_key_log(operation);
    perform pgops.drop_new_tables(operation);
    perform pgops.rename_new_indexes(operation);
    update pgops.operation as o set finished_at = clock_timestamp(), error = null
    where o.operation_id = operation.operation_id;
    perform pgops.log_event('info', 'operations', root::text, format('operation %s: %s done', operation.operation_id,
        operation.operation), operation.arguments);
end
$$;

comment on function pgops.perform_clean(pgops.operation, timestamptz) is
    'Phase clean: drops the old tables, whose rows have been proven to be elsewhere or were to be discarded, and what was '
    'made for the operation. Errors: 55P03 locks not obtained in time. Locks: ACCESS EXCLUSIVE on the old tables.';

revoke all on function pgops.perform_clean(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_clean(pgops.operation, timestamptz) to pgops_operator;
