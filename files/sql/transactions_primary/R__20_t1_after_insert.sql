create or replace function app.t1_after_insert() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    slice record;
begin
    insert into app.t1_guid (transaction_guid, date, id)
    select transaction_guid, date, id from new_rows;
    if not exists (select from new_rows where state = 1) then
        return null;
    end if;
    for slice in
        select
            array_agg(month) as months,
            array_agg(client_id) as client_ids,
            array_agg(operation_type) as operation_types,
            array_agg(amount) as amounts,
            array_agg(transactions) as transactions
        from (
            select
                app.month_of(date) as month,
                client_id,
                operation_type,
                sum(amount) as amount,
                count(*) as transactions,
                (dense_rank() over (order by client_id) - 1) / 64 as slice_number
            from new_rows
            where state = 1
            group by month, client_id, operation_type
        ) as total_change
        group by slice_number
        order by slice_number
    loop
        perform app.add_to_totals(
            slice.months, slice.client_ids, slice.operation_types, slice.amounts, slice.transactions
        );
    end loop;
    return null;
end
$$;

comment on function app.t1_after_insert() is
    'Trigger of app.t1 and of each partition: registers the guids of new rows and adds those of state 1 to the totals. '
    'Leaves the totals alone, and unlocked, when there is none. Errors: 23505 a transaction_guid is there already. '
    'Security definer: writers need rights on app.t1 only.';

revoke all on function app.t1_after_insert() from public;
