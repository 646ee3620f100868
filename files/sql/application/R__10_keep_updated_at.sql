create or replace function app.keep_updated_at() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;

comment on function app.keep_updated_at() is
    'Trigger function: updated_at is the time of the change, whatever the statement says. The time of the clock, not of the '
    'transaction, so that two changes in one transaction can be told apart.';

revoke all on function app.keep_updated_at() from public;
