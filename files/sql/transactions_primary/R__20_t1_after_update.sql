create or replace function app.t1_after_update() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    slice record;
begin
    if exists (
        select transaction_guid, date, id from old_rows
        except
        select transaction_guid, date, id from new_rows
    ) then
        -- All old keys go before the new ones come: rows may exchange their guids in one statement.
        execute
            'delete from app.t1_guid as g using ('
            '    select transaction_guid, date, id from old_rows except select transaction_guid, date, id from new_rows'
            ') as o where g.transaction_guid = o.transaction_guid';
        insert into app.t1_guid (transaction_guid, date, id)
        select transaction_guid, date, id from new_rows
        except
        select transaction_guid, date, id from old_rows;
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
                sum(transactions) as transactions,
                (dense_rank() over (order by client_id) - 1) / 64 as slice_number
            from (
                select date, client_id, operation_type, amount, 1 as transactions from new_rows where state = 1
                union all
                select date, client_id, operation_type, -amount, -1 from old_rows where state = 1
            ) as change
            group by month, client_id, operation_type
            having sum(amount) <> 0 or sum(transactions) <> 0
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

comment on function app.t1_after_update() is
    'Trigger of app.t1 and of each partition: keeps guids and totals of changed rows, also of those that move to another '
    'partition. Leaves the totals alone, and unlocked, when no row of state 1 is concerned. Errors: 23505 a '
    'transaction_guid is there already. Security definer: writers need rights on app.t1 only.';

revoke all on function app.t1_after_update() from public;
