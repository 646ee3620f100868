create or replace function pgops.drop_orphaned_tables(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    orphan record;
begin
    for orphan in
        select c.oid::regclass as name, format('%s.%I', c.relnamespace::regnamespace, c.relname) as function_name
        from pg_class as c
        where c.relkind in ('r', 'p') and not c.relispartition
            and c.relname ~ format('^pgops_operation_%s_(log|old_log|route|route_[0-9]+|new_[0-9]+)$', operation.operation_id)
            and pgops.can_act_on(c.oid)
        order by c.relname
    loop
        -- The log's function has its name.
        perform pgops.run_as_owner(orphan.name, format('drop function if exists %s()', orphan.function_name));
        perform pgops.run_as_owner(orphan.name, format('drop table %s', orphan.name));
    end loop;
end
$$;

comment on function pgops.drop_orphaned_tables(pgops.operation) is
    'Drops what was made for an operation whose table is gone, or another one now, each as its own owner: copies of rows, and logs of keys. '
    'They are known by their names, which have the operation''s number. Locks: ACCESS EXCLUSIVE on them.';

revoke all on function pgops.drop_orphaned_tables(pgops.operation) from public;
grant execute on function pgops.drop_orphaned_tables(pgops.operation) to pgops_operator;
