create or replace function app.add_to_totals(
    months date[],
    client_ids bigint[],
    operation_types text[],
    amounts numeric[],
    transactions bigint[]
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into app.t1_total_change (date, client_id, operation_type, amount, transactions)
    select change.month::timestamp at time zone 'UTC', change.client_id, change.operation_type, change.amount, change.transactions
    from unnest(months, client_ids, operation_types, amounts, add_to_totals.transactions)
        as change (month, client_id, operation_type, amount, transactions);
end
$$;

comment on function app.add_to_totals(date[], bigint[], text[], numeric[], bigint[]) is
    'Adds changes to the totals. Locks: ROW EXCLUSIVE on app.t1_total_change.';

revoke all on function app.add_to_totals(date[], bigint[], text[], numeric[], bigint[]) from public;
