create or replace procedure app.operations_test_data(p_start_date date, p_end_date date, p_rows_total bigint)
language plpgsql
as $$
declare
    started_at constant timestamptz := clock_timestamp();
    start_time constant timestamptz := p_start_date::timestamp at time zone 'UTC';
    end_time constant timestamptz := (p_end_date::timestamp + interval '1 day') at time zone 'UTC';
    step_microseconds bigint;
begin
    perform app.check_test_data(p_start_date, p_end_date, p_rows_total);
    call pgops.check_can_commit('app.operations_test_data');
    call pgops.partition_ensure('app.operations', start_time, end_time);
    step_microseconds := extract(epoch from end_time - start_time)::bigint * 1000000 / p_rows_total;
    -- One hash gives all random bits: the same arguments make the same rows, but for id and operation_guid.
    insert into app.operations (operation_date, client_id, operation_type, amount, status)
    select
        start_time + (row_number * step_microseconds + noise % step_microseconds) * interval '1 microsecond',
        1 + (noise >> 8) % 1000,
        case noise & 1 when 0 then 'online' else 'offline' end::app.operation_type_enum,
        ((noise >> 40) & 1048575) * 0.01,
        case when (noise >> 1) & 7 = 0 then 0 else 1 end
    from (
        select
            numbers.row_number,
            hashint8extended(numbers.row_number, p_rows_total) & 9223372036854775807 as noise
        from generate_series(0, p_rows_total - 1) as numbers (row_number)
        offset 0 -- each hash is computed once
    ) as generated;
    insert into app.test_data (start_date, end_date, row_count, duration)
    values (p_start_date, p_end_date, p_rows_total, clock_timestamp() - started_at);
    commit;
    raise notice '% rows, % rows/s', p_rows_total,
        (p_rows_total / extract(epoch from clock_timestamp() - started_at))::bigint;
    perform app.refresh_client_type_sum();
end
$$;

comment on procedure app.operations_test_data(date, date, bigint) is
$$Adds p_rows_total made-up rows of 1,000 clients to app.operations, spread evenly from p_start_date to p_end_date, both
included (UTC): amounts from 0.00 to 10485.75, one row in eight is new (status 0), the others are processed. The same
arguments give the same rows but for id and operation_guid. Makes the months it needs through the engine; then all rows
are one transaction, so that an interrupted run leaves none, and app.test_data lists the finished ones. Ends with a
refresh of app.client_type_sum_mv and reports rows/s as NOTICE.
Needs to be called outside a transaction block by a superuser or by the owner of app.operations with pgops_operator.
Errors: 22023 an argument, with its value and what is accepted; 2D000 called inside a transaction block or from a
function; others as pgops.partition_ensure(). Locks: as this, ROW EXCLUSIVE on app.operations, and as
app.refresh_client_type_sum(). No search_path is set, because a procedure with settings may not commit.$$;

revoke all on procedure app.operations_test_data(date, date, bigint) from public;
