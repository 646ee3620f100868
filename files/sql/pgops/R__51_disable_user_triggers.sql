create or replace function pgops.disable_user_triggers(parent regclass, relation regclass) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    disabled record;
    restoring text[] := '{}';
begin
    for disabled in
        select t.tgname, case t.tgenabled when 'R' then 'replica' when 'A' then 'always' else '' end as enabled
        from pg_trigger as t
        where t.tgrelid = relation and not t.tgisinternal and t.tgenabled <> 'D'
            -- An operation that copies these rows has to know that they move.
            and not starts_with(t.tgname, 'pgops_operation_')
    loop
        perform pgops.run_as_owner(parent, format('alter table %s disable trigger %I', relation, disabled.tgname));
        restoring := restoring || format('alter table %s enable %s trigger %I', relation, disabled.enabled, disabled.tgname);
    end loop;
    return restoring;
end
$$;

comment on function pgops.disable_user_triggers(regclass, regclass) is
    'Disables the triggers of a partition that are neither the server''s own nor those of an operation; returns the '
    'commands that enable them as they were. Locks: SHARE ROW EXCLUSIVE on the partition.';

revoke all on function pgops.disable_user_triggers(regclass, regclass) from public;
grant execute on function pgops.disable_user_triggers(regclass, regclass) to pgops_operator;
