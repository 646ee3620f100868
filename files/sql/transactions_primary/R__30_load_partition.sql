create or replace function app.load_partition(partition regclass, rows_query text, first_id bigint, last_id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    -- What the triggers do statement by statement is done here once; the rows would otherwise be written a second time,
    -- into the trigger's transition table. The lock keeps other writers of this partition out meanwhile.
    execute format('alter table %s disable trigger user', partition);
    execute format('insert into %s (date, id, amount, state, transaction_guid, message) %s', partition, rows_query);
    execute format('alter table %s enable trigger user', partition);
    -- The totals first: see app.include_partition().
    perform app.count_rows(format(
        'select app.month_of(date), client_id, operation_type, amount, 1 from %s where state = 1 and id between %s and %s',
        partition, first_id, last_id
    ));
    perform app.register_rows(format(
        'select transaction_guid, date, id from %s where id between %s and %s', partition, first_id, last_id
    ), last_id - first_id + 1);
end
$$;

comment on function app.load_partition(regclass, text, bigint, bigint) is
    'Adds the rows of a query, whose ids it is told, to a partition, to guids and to totals. Errors: 23505 a guid or key '
    'is there already. Locks: SHARE ROW EXCLUSIVE on the partition, and as app.register_rows() and app.add_to_totals().';

revoke all on function app.load_partition(regclass, text, bigint, bigint) from public;
