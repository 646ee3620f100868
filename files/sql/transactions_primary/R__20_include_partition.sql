create or replace function app.include_partition(partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- The totals first: what drops an index locks pg_ivm's catalogue, for which writers wait at their COMMIT while they
    -- still hold the totals (seen with pg_ivm 1.17).
    perform app.count_partition(partition, 1);
    perform app.register_rows(
        format('select transaction_guid, date, id from %s', partition),
        pg_relation_size(partition) / 200 -- a row of app.t1 takes about 200 bytes
    );
end
$$;

comment on function app.include_partition(regclass) is
    'Puts the rows of a partition into guids and totals. Errors: 23505 a transaction_guid is there already. Locks: as '
    'app.register_rows() and app.add_to_totals().';

revoke all on function app.include_partition(regclass) from public;
