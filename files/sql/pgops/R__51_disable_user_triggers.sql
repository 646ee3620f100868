create or replace function pgops.disable_user_triggers(parent regclass, relation regclass) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    restoring text[] := array(
        select format('alter table %s enable %s trigger %I', relation,
            case t.tgenabled when 'R' then 'replica' when 'A' then 'always' else '' end, t.tgname)
        from pg_trigger as t
        where t.tgrelid = relation and not t.tgisinternal and t.tgenabled <> 'D'
    );
begin
    if restoring <> '{}' then
        perform pgops.run_as_owner(parent, format('alter table %s disable trigger user', relation));
    end if;
    return restoring;
end
$$;

comment on function pgops.disable_user_triggers(regclass, regclass) is
    'Disables the triggers of a partition that are not the server''s own; returns the commands that enable them as they '
    'were. Locks: SHARE ROW EXCLUSIVE on the partition.';

revoke all on function pgops.disable_user_triggers(regclass, regclass) from public;
grant execute on function pgops.disable_user_triggers(regclass, regclass) to pgops_operator;
