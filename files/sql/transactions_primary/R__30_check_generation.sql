create or replace function app.check_generation(
    row_count bigint,
    first_month date,
    months integer,
    clients integer,
    seed bigint
) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    problem text := case
        when row_count is null or row_count not between 1 and 1000000000
            then format('row_count is %s; accepted: 1 to 1000000000 rows', coalesce(row_count::text, 'null'))
        when first_month is null or first_month not between '1970-01-01' and '2999-12-01'
            then format('first_month is %s; accepted: the first day of a month from 1970-01-01 to 2999-12-01',
                coalesce(first_month::text, 'null'))
        when extract(day from first_month) <> 1
            then format('first_month is %s; accepted: the first day of a month, such as %s', first_month,
                date_trunc('month', first_month::timestamp)::date)
        when months is null or months not between 1 and 1200
            then format('months is %s; accepted: 1 to 1200 months', coalesce(months::text, 'null'))
        -- Nothing else keeps the end in bounds: app.t1 takes every finite date.
        when first_month + make_interval(months => months - 1) > '2999-12-01'
            then format('months is %s; accepted from %s on: %s, as the last may be 2999-12-01', months, first_month,
                case
                    when first_month = '2999-12-01' then '1 month'
                    else format('1 to %s months',
                        12 * (2999 - extract(year from first_month)) + 13 - extract(month from first_month))
                end)
        when months > row_count
            then format('months is %s; accepted: at most one for each of the %s rows', months, row_count)
        when clients is null or clients not between 1 and 10000000
            then format('clients is %s; accepted: 1 to 10000000 clients', coalesce(clients::text, 'null'))
        when seed is null then 'seed is null; accepted: any whole number of 64 bits'
    end;
begin
    if problem is not null then
        raise exception 'cannot generate transactions: %', problem using errcode = 'invalid_parameter_value';
    end if;
end
$$;

comment on function app.check_generation(bigint, date, integer, integer, bigint) is
    'Refuses arguments of app.generate_transactions(). Errors: 22023 with argument, value and what is accepted.';

revoke all on function app.check_generation(bigint, date, integer, integer, bigint) from public;
