create or replace function pgops.may_become(role_name name) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(
        (select pg_has_role(current_user, r.oid, 'SET') from pg_roles as r where r.rolname = role_name),
        (select r.rolsuper from pg_roles as r where r.rolname = current_user)
    );
end;

comment on function pgops.may_become(name) is
    'True when the current user may SET ROLE to a role; of a role that is gone, when he is a superuser.';

revoke all on function pgops.may_become(name) from public;
grant execute on function pgops.may_become(name) to pgops_operator;
