create or replace function app.exclude_partition(partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('delete from app.t1_guid as g using %s as p where g.transaction_guid = p.transaction_guid', partition);
    perform app.count_partition(partition, -1);
end
$$;

comment on function app.exclude_partition(regclass) is 'Takes the rows of a partition out of guids and totals.';

revoke all on function app.exclude_partition(regclass) from public;
