create or replace function pgops.become_owner(relation regclass) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    owner_name name;
    previous_role text := current_setting('role');
begin
    select pg_get_userbyid(c.relowner) into owner_name from pg_class as c where c.oid = relation;
    if not found then
        raise exception 'no table has the OID %', relation::oid using errcode = 'undefined_table';
    end if;
    -- SET ROLE itself asks what the session user may do; what the current user may do is for us to ask.
    if not pg_has_role(current_user, owner_name, 'SET') then
        raise exception 'permission denied for table %: role "%" may not SET ROLE to its owner "%"',
            relation, current_user, owner_name
            using errcode = 'insufficient_privilege',
                hint = format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE;', owner_name, current_user);
    end if;
    if current_user <> owner_name then
        perform set_config('role', owner_name, true);
    end if;
    return previous_role;
end
$$;

comment on function pgops.become_owner(regclass) is
    'Switches to the owner of the relation until the transaction ends (SET LOCAL ROLE); returns the value of "role" '
    'before, to be given back with set_config(''role'', ..., true). '
    'Errors: 42501 the current user may not SET ROLE to the owner, 42P01 no such table.';

revoke all on function pgops.become_owner(regclass) from public;
grant execute on function pgops.become_owner(regclass) to pgops_operator;
