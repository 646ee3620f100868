create or replace function pgops.can_act_on(relation regclass) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(
        (select pg_has_role(current_user, c.relowner, 'SET') from pg_class as c where c.oid = relation),
        false
    );
end;

comment on function pgops.can_act_on(regclass) is
    'True when the current user may SET ROLE to the owner of the relation; false when there is no such relation.';

revoke all on function pgops.can_act_on(regclass) from public;
grant execute on function pgops.can_act_on(regclass) to pgops_operator;
