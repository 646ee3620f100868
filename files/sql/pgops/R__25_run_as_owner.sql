create or replace function pgops.run_as_owner(relation regclass, command text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    previous_role text := pgops.become_owner(relation);
    rows_affected bigint;
begin
    execute command;
    get diagnostics rows_affected = row_count;
    perform set_config('role', previous_role, true);
    return rows_affected;
end
$$;

comment on function pgops.run_as_owner(regclass, text) is
    'Runs one command as owner of the relation and switches back; returns the number of rows. Everything that the '
    'engine does to a table goes through here: the owner needs no right in schema pgops, and the caller gets none that '
    'SET ROLE would not give. Errors: as pgops.become_owner(), and those of the command.';

revoke all on function pgops.run_as_owner(regclass, text) from public;
grant execute on function pgops.run_as_owner(regclass, text) to pgops_operator;
