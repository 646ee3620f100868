create or replace function app.include_partition(partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('insert into app.t1_guid (transaction_guid, date, id) select transaction_guid, date, id from %s', partition);
    perform app.count_partition(partition, 1);
end
$$;

comment on function app.include_partition(regclass) is
    'Puts the rows of a partition into guids and totals. Errors: 23505 a transaction_guid is there already.';

revoke all on function app.include_partition(regclass) from public;
