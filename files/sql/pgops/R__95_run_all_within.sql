create or replace function pgops.run_all_within(relation regclass, commands text[], deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    previous_role text := pgops.become_owner(relation);
    owner_role text := current_setting('role');
    command text;
    left_ms numeric;
begin
    foreach command in array commands loop
        left_ms := extract(epoch from deadline - clock_timestamp()) * 1000;
        if left_ms <= 0 then
            raise exception 'the time for work under locks was over before: %', command
                using errcode = 'lock_not_available', hint = 'Another try follows; a larger option lock_budget_ms gives more time.';
        end if;
        -- lock_timeout counts for each lock: what all of them may take together shrinks as time passes.
        perform set_config('lock_timeout', greatest(1, left_ms)::integer || 'ms', true);
        perform set_config('role', owner_role, true);
        execute command;
    end loop;
    perform set_config('role', previous_role, true);
end
$$;

comment on function pgops.run_all_within(regclass, text[], timestamptz) is
    'Runs commands as owner of the relation, one after the other, and asks once for all of them whether the caller may: what is '
    'spent between commands under locks is waited for by others. They may wait for locks until the deadline and no longer, and '
    'none is begun after it. Errors: 55P03 the deadline has passed, those of pgops.become_owner(), and those of the commands.';

revoke all on function pgops.run_all_within(regclass, text[], timestamptz) from public;
grant execute on function pgops.run_all_within(regclass, text[], timestamptz) to pgops_operator;
