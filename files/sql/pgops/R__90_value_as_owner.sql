create or replace function pgops.value_as_owner(relation regclass, query text) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
as $$
declare
    previous_role text := pgops.become_owner(relation);
    result text;
begin
    execute query into result;
    perform set_config('role', previous_role, true);
    return result;
end
$$;

comment on function pgops.value_as_owner(regclass, text) is
    'First column of the first row of a query, as text, asked as owner of the relation. Errors: as '
    'pgops.become_owner(), 42501 row-level security would hide rows from the owner, and those of the query.';

revoke all on function pgops.value_as_owner(regclass, text) from public;
grant execute on function pgops.value_as_owner(regclass, text) to pgops_operator;
