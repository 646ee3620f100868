create or replace function pgops.retry_delay_seconds() returns double precision
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    minimum bigint := pgops.configuration_value('retry_delay_minimum');
    maximum bigint := pgops.configuration_value('retry_delay_maximum');
begin
    return (minimum + random() * greatest(maximum - minimum, 0)) / 1000;
end
$$;

comment on function pgops.retry_delay_seconds() is
    'A pause at random between the settings retry_delay_minimum and retry_delay_maximum.';

revoke all on function pgops.retry_delay_seconds() from public;
grant execute on function pgops.retry_delay_seconds() to pgops_operator;
