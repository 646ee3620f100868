-- The other shape of the totals, for comparison: the base of the incremental view holds each row of state 1, and the view
-- counts them. Statement triggers, slices and the registry are as in the shape that is used; only what the benchmark
-- does is covered (UPDATE through the root).
create schema shape authorization transactions_owner;

set role transactions_owner;

create table shape.processed_row (
    id bigint not null,
    date timestamptz not null,
    client_id bigint not null,
    operation_type text not null,
    amount numeric not null,
    primary key (id, date)
);

select pgivm.create_immv('shape.totals', $$
    select client_id, operation_type, sum(amount) as amount, count(*) as transactions
    from shape.processed_row
    group by client_id, operation_type
$$);

create function shape.after_update() returns trigger
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
        raise exception 'keys change: not covered here';
    end if;
    for slice in
        select
            array_agg(id) as ids,
            array_agg(date) as dates,
            array_agg(client_id) as client_ids,
            array_agg(operation_type) as operation_types,
            array_agg(amount) as amounts
        from (
            select id, date, client_id, operation_type, amount,
                (dense_rank() over (order by client_id) - 1) / 64 as slice_number
            from new_rows
            where state = 1
        ) as processed
        group by slice_number
        order by slice_number
    loop
        insert into shape.processed_row (id, date, client_id, operation_type, amount)
        select * from unnest(slice.ids, slice.dates, slice.client_ids, slice.operation_types, slice.amounts);
    end loop;
    return null;
end
$$;

create trigger shape_update after update on app.t1
referencing old table as old_rows new table as new_rows
for each statement execute function shape.after_update();

alter table app.t1 disable trigger shape_update;

reset role;
