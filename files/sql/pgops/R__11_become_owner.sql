create or replace function pgops.become_owner(relation regclass) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    owner_name name := pgops.check_can_act_on(relation);
    previous_role text := current_setting('role');
begin
    if current_user <> owner_name then
        perform set_config('role', owner_name, true);
    end if;
    return previous_role;
end
$$;

comment on function pgops.become_owner(regclass) is
    'Switches to the owner of the relation until the transaction ends (SET LOCAL ROLE); returns the value of "role" '
    'before, to be given back with set_config(''role'', ..., true). Errors: as pgops.check_can_act_on().';

revoke all on function pgops.become_owner(regclass) from public;
grant execute on function pgops.become_owner(regclass) to pgops_operator;
