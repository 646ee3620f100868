create or replace function pgops.check_catalogue(operation pgops.operation, prepared_for text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if prepared_for is distinct from pgops.catalogue_state(pgops.switched_tables(operation)) then
        raise exception 'something was declared of the tables between the look at it and the locks' using errcode = 'serialization_failure';
    end if;
end
$$;

comment on function pgops.check_catalogue(pgops.operation, text) is
    'Asks under the locks of a switch whether its commands were made for what is declared now. prepared_for: '
    'pgops.catalogue_state() before they were made. Errors: 40001 they were not, to be tried again.';

revoke all on function pgops.check_catalogue(pgops.operation, text) from public;
grant execute on function pgops.check_catalogue(pgops.operation, text) to pgops_operator;
