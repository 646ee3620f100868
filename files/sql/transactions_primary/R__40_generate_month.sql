create or replace function app.generate_month(
    generation app.generation,
    month_number integer,
    new_partition regclass
) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    started_at constant timestamptz := clock_timestamp();
    share constant record := app.month_share(generation, month_number);
    month_start constant timestamptz := share.month::timestamp at time zone 'UTC';
    month_end constant timestamptz := (share.month + interval '1 month') at time zone 'UTC';
    rows_query constant text := app.generated_rows_query(
        share.row_count, share.month, share.first_id, generation.clients,
        hashtextextended(
            concat_ws(' ', generation.row_count, generation.first_month, generation.months, generation.clients,
                generation.seed, month_number), 0)
    );
    partition regclass := (
        select p.partition from app.t1_partition as p where p.lower_bound <= month_start and p.upper_bound >= month_end
    );
begin
    if new_partition is not null then
        perform app.load_new_partition(new_partition, rows_query, month_start, month_end);
    elsif partition is not null then
        perform app.load_partition(partition, rows_query, share.first_id, share.first_id + share.row_count - 1);
    else -- the policy makes partitions of other periods than months
        execute 'insert into app.t1 (date, id, amount, state, transaction_guid, message) ' || rows_query;
    end if;
    insert into app.generated_month as m (generation_id, month, duration)
    values (generation.generation_id, share.month, clock_timestamp() - started_at)
    on conflict (generation_id, month) do update set generated_at = excluded.generated_at, duration = excluded.duration;
    raise notice '%: % rows, % rows/s', to_char(share.month, 'YYYY-MM'), share.row_count,
        (share.row_count / extract(epoch from clock_timestamp() - started_at))::bigint;
    return share.row_count;
end
$$;

comment on function app.generate_month(app.generation, integer, regclass) is
    'Generates one month of a run (counted from 0) into a table that becomes its partition, or, where that is null, into '
    'the partitions that are there; records it, reports it with a notice and returns the number of rows. '
    'Errors and locks: as app.load_new_partition() and app.load_partition().';

revoke all on function app.generate_month(app.generation, integer, regclass) from public;
