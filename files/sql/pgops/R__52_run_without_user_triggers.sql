create or replace function pgops.run_without_user_triggers(parent regclass, relation regclass, command text) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
as $$
declare
    restoring text[] := pgops.disable_user_triggers(parent, relation);
    previous_setting text := coalesce(current_setting('pgops.moving_rows', true), '');
    restoring_command text;
    rows_affected bigint;
begin
    perform set_config('pgops.moving_rows', 'on', true);
    rows_affected := pgops.run_as_owner(parent, command);
    foreach restoring_command in array restoring loop
        perform pgops.run_as_owner(parent, restoring_command);
    end loop;
    perform set_config('pgops.moving_rows', previous_setting, true);
    return rows_affected;
end
$$;

comment on function pgops.run_without_user_triggers(regclass, regclass, text) is
    'Runs a command that takes rows out of a partition or puts them into one, as owner of the parent, while only the '
    'server''s own triggers fire: for the table as a whole nothing changes. Meanwhile the setting pgops.moving_rows is '
    '"on", for event triggers. Returns the number of rows. Errors: 42501 row-level security would hide rows from the '
    'owner. Locks: SHARE ROW EXCLUSIVE on the partition.';

revoke all on function pgops.run_without_user_triggers(regclass, regclass, text) from public;
grant execute on function pgops.run_without_user_triggers(regclass, regclass, text) to pgops_operator;
