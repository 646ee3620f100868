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
    insert into app.t1_month_total as total (month, client_id, operation_type, amount, transactions)
    select * from unnest(months, client_ids, operation_types, amounts, add_to_totals.transactions)
    on conflict (month, client_id, operation_type) do update
    set amount = total.amount + excluded.amount, transactions = total.transactions + excluded.transactions;
end
$$;

comment on function app.add_to_totals(date[], bigint[], text[], numeric[], bigint[]) is
    'Adds changes to the totals in one statement; each month, client and type at most once, and at most 128 clients and '
    'types together, since pg_ivm compares the groups of one statement with one another. Locks: ROW EXCLUSIVE on '
    'app.t1_month_total; pg_ivm takes EXCLUSIVE on app.t1_totals until the transaction ends.';

revoke all on function app.add_to_totals(date[], bigint[], text[], numeric[], bigint[]) from public;
