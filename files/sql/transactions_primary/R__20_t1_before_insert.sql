create or replace function app.t1_before_insert() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    return new;
end
$$;

comment on function app.t1_before_insert() is
    'Never called: the trigger that names it only has to be there. See R__30_t1_triggers.sql.';

revoke all on function app.t1_before_insert() from public;
