create or replace function pgops.run_within(relation regclass, command text, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform pgops.run_all_within(relation, array[command], deadline);
end
$$;

comment on function pgops.run_within(regclass, text, timestamptz) is
    'Runs a command as owner of the relation: pgops.run_all_within() with one command. Errors: as there.';

revoke all on function pgops.run_within(regclass, text, timestamptz) from public;
grant execute on function pgops.run_within(regclass, text, timestamptz) to pgops_operator;
