create or replace function pgops.lock_step(parent regclass, operation text, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    budget bigint := pgops.configuration_value('lock_timeout');
    wanted record;
    deadline timestamptz;
begin
    select r.* into wanted from pgops.step_relations(parent, operation, partition) as r;
    deadline := clock_timestamp() + make_interval(secs => budget / 1000.0);
    perform set_config('lock_timeout', budget || 'ms', true);
    for number in 1 .. cardinality(wanted.relations) loop
        perform pgops.run_as_owner(parent, format('lock table only %s in %s mode', wanted.relations[number],
            wanted.lock_modes[number]));
        -- lock_timeout counts for each lock: what all of them may take together shrinks as time passes.
        perform set_config('lock_timeout', greatest(1, extract(epoch from deadline - clock_timestamp()) * 1000)::integer
            || 'ms', true);
    end loop;
end
$$;

comment on function pgops.lock_step(regclass, text, regclass) is
    'Locks what a step of a plan needs (pgops.step_relations()), the parent first, as its owner. All together wait no longer '
    'than the setting lock_timeout; what is left of it stays in force for each lock of later commands of the transaction. '
    'Errors: 55P03 not obtained in time, 42501 may not act for the owner.';

revoke all on function pgops.lock_step(regclass, text, regclass) from public;
grant execute on function pgops.lock_step(regclass, text, regclass) to pgops_operator;
