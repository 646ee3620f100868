create or replace function app.generate_month_once(generation app.generation, month_number integer) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    started_at constant timestamptz := clock_timestamp();
    this_month constant date := generation.first_month + month_number * interval '1 month';
    -- The first months take one row more where the rows do not divide evenly.
    base_rows constant bigint := generation.row_count / generation.months;
    longer_months constant bigint := generation.row_count % generation.months;
    month_rows constant bigint := base_rows + (month_number < longer_months)::integer;
    first_id constant bigint := generation.first_id + month_number * base_rows + least(month_number, longer_months);
    month_start constant timestamptz := this_month::timestamp at time zone 'UTC';
begin
    if not pg_try_advisory_xact_lock(hashtextextended(format('app.generation %s %s', generation.generation_id, this_month), 0)) then
        raise notice '%: another session is generating it', to_char(this_month, 'YYYY-MM');
        return 0;
    end if;
    -- A month whose rows are gone again, by TRUNCATE or with their partition, is generated again.
    if exists (
        select from app.generated_month as m
        where m.generation_id = generation.generation_id and m.month = this_month
    ) and exists (
        select from app.t1
        where
            t1.id between first_id and first_id + month_rows - 1
            and t1.date >= month_start and t1.date < month_start + interval '32 days'
    ) then
        raise notice '%: has been generated before', to_char(this_month, 'YYYY-MM');
        return 0;
    end if;
    perform app.generate_month(
        month_rows, this_month, first_id, generation.clients,
        hashtextextended(
            concat_ws(' ', generation.row_count, generation.first_month, generation.months, generation.clients,
                generation.seed, month_number), 0)
    );
    insert into app.generated_month as m (generation_id, month, duration)
    values (generation.generation_id, this_month, clock_timestamp() - started_at)
    on conflict (generation_id, month) do update set generated_at = excluded.generated_at, duration = excluded.duration;
    raise notice '%: % rows, % rows/s', to_char(this_month, 'YYYY-MM'), month_rows,
        (month_rows / extract(epoch from clock_timestamp() - started_at))::bigint;
    return month_rows;
end
$$;

comment on function app.generate_month_once(app.generation, integer) is
    'Generates one month of a run (counted from 0) unless it is there already or another session is at it; records it '
    'and returns the number of rows. Errors and locks: as app.generate_month().';

revoke all on function app.generate_month_once(app.generation, integer) from public;
