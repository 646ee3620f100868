create or replace function pgops.check_can_act_on(relation regclass) returns name
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    owner_name name;
begin
    select pg_get_userbyid(c.relowner) into owner_name from pg_class as c where c.oid = relation;
    if not found then
        raise exception 'no table has the OID %', coalesce(relation::oid::text, 'null') using errcode = 'undefined_table';
    end if;
    -- SET ROLE itself asks what the session user may do; what the current user may do is for us to ask.
    if not pg_has_role(current_user, owner_name, 'SET') then
        raise exception 'permission denied for table %: role "%" may not SET ROLE to its owner "%"',
            relation, current_user, owner_name
            using errcode = 'insufficient_privilege',
                hint = format('GRANT %I TO %I WITH INHERIT FALSE, SET TRUE;', owner_name, current_user);
    end if;
    return owner_name;
end
$$;

comment on function pgops.check_can_act_on(regclass) is
    'Owner of the relation; raises unless the current user may SET ROLE to it. '
    'Errors: 42501 the current user may not SET ROLE to the owner, 42P01 no such table.';

revoke all on function pgops.check_can_act_on(regclass) from public;
grant execute on function pgops.check_can_act_on(regclass) to pgops_operator;
