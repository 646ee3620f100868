create or replace function app.check_test_data(p_start_date date, p_end_date date, p_rows_total bigint) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    problem constant text := case
        when p_start_date is null or p_start_date not between '1970-01-01' and '2999-12-31'
            then format('p_start_date is %s; accepted: a day from 1970-01-01 to 2999-12-31',
                coalesce(p_start_date::text, 'null'))
        when p_end_date is null or p_end_date not between p_start_date and '2999-12-31'
            then format('p_end_date is %s; accepted: a day from p_start_date (%s) to 2999-12-31',
                coalesce(p_end_date::text, 'null'), p_start_date)
        when p_rows_total is null or p_rows_total not between 1 and 100000000
            then format('p_rows_total is %s; accepted: 1 to 100000000 rows', coalesce(p_rows_total::text, 'null'))
    end;
begin
    if problem is not null then
        raise exception 'app.operations_test_data: %', problem using errcode = 'invalid_parameter_value';
    end if;
end
$$;

comment on function app.check_test_data(date, date, bigint) is
    'Refuses arguments of app.operations_test_data(). Errors: 22023 with argument, value and what is accepted.';

revoke all on function app.check_test_data(date, date, bigint) from public;
