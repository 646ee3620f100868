create or replace function app.count_rows(changes text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    slice record;
    changed_totals bigint := 0;
begin
    for slice in execute format(
        $query$
        select
            array_agg(month) as months,
            array_agg(client_id) as client_ids,
            array_agg(operation_type) as operation_types,
            array_agg(amount) as amounts,
            array_agg(transactions) as transactions
        from (
            select
                month,
                client_id,
                operation_type,
                sum(amount) as amount,
                sum(transactions) as transactions,
                (dense_rank() over (order by client_id) - 1) / 64 as slice_number
            from (%s) as change (month, client_id, operation_type, amount, transactions)
            group by month, client_id, operation_type
            having sum(amount) <> 0 or sum(transactions) <> 0
        ) as total_change
        group by slice_number
        order by slice_number
        $query$, changes
    ) loop
        perform app.add_to_totals(
            slice.months, slice.client_ids, slice.operation_types, slice.amounts, slice.transactions
        );
        changed_totals := changed_totals + cardinality(slice.months);
    end loop;
    return changed_totals;
end
$$;

comment on function app.count_rows(text) is
    'Adds the changes that a query returns, as (month, client_id, operation_type, amount, transactions), to the totals, '
    '64 clients (128 groups) at a time: see app.add_to_totals(). Returns how many totals changed. The query is executed '
    'as it is; callers are the other functions of this schema.';

revoke all on function app.count_rows(text) from public;
