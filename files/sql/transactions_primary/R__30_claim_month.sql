create or replace function app.claim_month(
    generation app.generation,
    month_number integer,
    recorded_at timestamptz
) returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    share constant record := app.month_share(generation, month_number);
begin
    if not pg_try_advisory_xact_lock(
        hashtextextended(format('app.generation %s %s', generation.generation_id, share.month), 0)
    ) then
        return false;
    end if;
    return recorded_at is not distinct from (
        select m.generated_at from app.generated_month as m
        where m.generation_id = generation.generation_id and m.month = share.month
    );
end
$$;

comment on function app.claim_month(app.generation, integer, timestamptz) is
    'Claims a month of a run until the transaction ends; false when another session has it, or has generated it since '
    'app.find_month() said recorded_at. Locks: an advisory one.';

revoke all on function app.claim_month(app.generation, integer, timestamptz) from public;
