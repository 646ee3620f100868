create or replace function pgops.wanted_periods(first_day date, last_day date, every text) returns date[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    maximum bigint := pgops.configuration_value('plan_partitions');
    periods date[];
begin
    periods := array(
        select p.first_day::date
        from generate_series(first_day::timestamp, last_day::timestamp, pgops.period_step(every)) as p (first_day)
        limit maximum + 1
    );
    if cardinality(periods) > maximum then
        raise exception 'from % to % are more than % periods of a %', first_day, last_day, maximum, every
            using errcode = 'program_limit_exceeded',
                hint = 'Ask for less at a time, or raise plan_partitions in pgops.configuration.';
    end if;
    return periods;
end
$$;

comment on function pgops.wanted_periods(date, date, text) is
    'First days of the periods from one first day to another, both included. '
    'Errors: 54000 more than the setting plan_partitions.';

revoke all on function pgops.wanted_periods(date, date, text) from public;
grant execute on function pgops.wanted_periods(date, date, text) to pgops_operator;
