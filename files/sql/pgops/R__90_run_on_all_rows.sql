create or replace function pgops.run_on_all_rows(relation regclass, command text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
as $$
begin
    return pgops.run_as_owner(relation, command);
end
$$;

comment on function pgops.run_on_all_rows(regclass, text) is
    'Runs a command that reads or copies rows as owner of the relation; returns the number of rows. Errors: 42501 '
    'row-level security would hide rows from the owner, and those of pgops.run_as_owner().';

revoke all on function pgops.run_on_all_rows(regclass, text) from public;
grant execute on function pgops.run_on_all_rows(regclass, text) to pgops_operator;
