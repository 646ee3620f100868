create or replace function app.include_partition(partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform app.count_partition(partition, 1);
end
$$;

comment on function app.include_partition(regclass) is 'Puts the rows of a partition into the totals.';

revoke all on function app.include_partition(regclass) from public;
