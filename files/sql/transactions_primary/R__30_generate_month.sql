create or replace function app.generate_month(
    row_count bigint,
    month date,
    first_id bigint,
    clients integer,
    salt bigint
) returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    month_start constant timestamptz := month::timestamp at time zone 'UTC';
    month_end constant timestamptz := (month + interval '1 month') at time zone 'UTC';
    target regclass;
begin
    select p.partition into target from app.t1_partition as p
    where p.lower_bound <= month_start and p.upper_bound >= month_end;
    if not found then
        raise exception 'app.t1 has no partition that holds all of %', to_char(month, 'YYYY-MM')
            using errcode = 'undefined_table',
                hint = 'Partitions are made by the engine: see pgops.partition_policy and pgops.event.';
    end if;
    -- What the trigger does row set by row set is done here once for the month; the rows would otherwise be written a
    -- second time, into the trigger's transition table. The lock keeps other writers of this partition out meanwhile.
    execute format('alter table %s disable trigger user', target);
    execute format('insert into %s (date, id, amount, state, transaction_guid, message) %s',
        target, app.generated_rows_query(row_count, month, first_id, clients, salt));
    execute format('alter table %s enable trigger user', target);
    execute format(
        'insert into app.t1_guid (transaction_guid, date, id) '
        'select transaction_guid, date, id from %s where id between %s and %s',
        target, first_id, first_id + row_count - 1);
    perform app.count_rows(format(
        'select date %L, client_id, operation_type, amount, 1 from %s where state = 1 and id between %s and %s',
        month, target, first_id, first_id + row_count - 1));
end
$$;

comment on function app.generate_month(bigint, date, bigint, integer, bigint) is
    'Writes the generated rows of one month into its partition, with guids and totals. Errors: 42P01 no partition, 23505 '
    'a guid or key is there already. Locks: SHARE ROW EXCLUSIVE on the partition, and as app.add_to_totals().';

revoke all on function app.generate_month(bigint, date, bigint, integer, bigint) from public;
