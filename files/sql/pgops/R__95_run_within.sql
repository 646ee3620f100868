create or replace function pgops.run_within(relation regclass, command text, deadline timestamptz) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    left_ms numeric := extract(epoch from deadline - clock_timestamp()) * 1000;
begin
    if left_ms <= 0 then
        raise exception 'the time for work under locks was over before: %', command
            using errcode = 'lock_not_available', hint = 'Another try follows; a larger option lock_budget_ms gives more time.';
    end if;
    -- lock_timeout counts for each lock: what all of them may take together shrinks as time passes.
    perform set_config('lock_timeout', greatest(1, left_ms)::integer || 'ms', true);
    perform pgops.run_as_owner(relation, command);
end
$$;

comment on function pgops.run_within(regclass, text, timestamptz) is
    'Runs a command as owner of the relation; it may wait for locks until the deadline and no longer, and is not begun '
    'after it. Errors: 55P03 the deadline has passed, and those of the command.';

revoke all on function pgops.run_within(regclass, text, timestamptz) from public;
grant execute on function pgops.run_within(regclass, text, timestamptz) to pgops_operator;
