create or replace function app.exclude_partition(partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform app.count_partition(partition, -1);
end
$$;

comment on function app.exclude_partition(regclass) is 'Takes the rows of a partition out of the totals.';

revoke all on function app.exclude_partition(regclass) from public;
