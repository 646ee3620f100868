create or replace function pgops.release_tables(operation pgops.operation, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    object_name text := 'pgops_operation_' || operation.operation_id;
    left_over record;
begin
    for left_over in
        select t.tgrelid::regclass as name, format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass) as command
        from pg_trigger as t
        where t.tgname in (object_name, object_name || '_truncate') and t.tgparentid = 0 and pgops.can_act_on(t.tgrelid)
        union all
        select k.conrelid::regclass, format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
        from pg_constraint as k
        where k.conname = object_name and k.contype = 'c' and k.coninhcount = 0 and pgops.can_act_on(k.conrelid)
    loop
        perform pgops.run_within(left_over.name, left_over.command, deadline);
    end loop;
end
$$;

comment on function pgops.release_tables(pgops.operation, timestamptz) is
    'Drops the triggers and CHECKs of an operation whose table is gone, or another one now, each as owner of the table that has it. '
    'They are known by their names, which have the operation''s number. Errors: 55P03 locks not obtained in time. '
    'Locks: ACCESS EXCLUSIVE on these tables.';

revoke all on function pgops.release_tables(pgops.operation, timestamptz) from public;
grant execute on function pgops.release_tables(pgops.operation, timestamptz) to pgops_operator;
