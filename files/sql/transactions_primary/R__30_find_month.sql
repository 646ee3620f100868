create or replace function app.find_month(
    generation app.generation,
    month_number integer,
    out recorded_at timestamptz,
    out has_rows boolean
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    share constant record := app.month_share(generation, month_number);
begin
    select m.generated_at into recorded_at from app.generated_month as m
    where m.generation_id = generation.generation_id and m.month = share.month;
    has_rows := recorded_at is not null and exists (
        select from app.t1
        where
            t1.id between share.first_id and share.first_id + share.row_count - 1
            and t1.date >= share.month::timestamp at time zone 'UTC'
            and t1.date < (share.month + interval '1 month') at time zone 'UTC'
    );
end
$$;

comment on function app.find_month(app.generation, integer) is
    'When a month of a run (counted from 0) was generated, null for never, and whether rows of it are there: they may be '
    'gone again, by TRUNCATE or with their partition.';

revoke all on function app.find_month(app.generation, integer) from public;
