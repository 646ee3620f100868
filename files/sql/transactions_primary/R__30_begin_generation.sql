create or replace function app.begin_generation(
    row_count bigint,
    first_month date,
    months integer,
    clients integer,
    seed bigint
) returns app.generation
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    generation app.generation;
begin
    -- Of two sessions that begin the same run, the second waits here for the ids of the first.
    perform pg_advisory_xact_lock(hashtextextended('app.generation', 0));
    select * into generation from app.generation as g
    where (g.row_count, g.first_month, g.months, g.clients, g.seed)
        = (begin_generation.row_count, begin_generation.first_month, begin_generation.months,
            begin_generation.clients, begin_generation.seed);
    if not found then
        insert into app.generation as g (row_count, first_month, months, clients, seed, first_id)
        values (row_count, first_month, months, clients, seed, app.reserve_ids(row_count))
        returning * into generation;
    end if;
    return generation;
end
$$;

comment on function app.begin_generation(bigint, date, integer, integer, bigint) is
    'The run with these arguments, made and given its ids if it is new. Errors and locks: as app.reserve_ids().';

revoke all on function app.begin_generation(bigint, date, integer, integer, bigint) from public;
