create or replace function pgops.lock_relations(parent regclass, relations regclass[], lock_modes text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    budget interval := make_interval(secs => pgops.configuration_value('lock_timeout') / 1000.0);
    deadline timestamptz := clock_timestamp() + budget;
begin
    -- lock_timeout counts for each lock: what all of them may take together shrinks as time passes.
    for number in 1 .. cardinality(relations) loop
        perform set_config('lock_timeout', greatest(1, extract(milliseconds from deadline - clock_timestamp()))::integer
            || 'ms', true);
        perform pgops.run_as_owner(parent, format('lock table %s %s in %s mode',
            case when relations[number] = parent then 'only' else '' end, relations[number], lock_modes[number]));
    end loop;
    perform set_config('lock_timeout', pgops.configuration_value('lock_timeout') || 'ms', true);
end
$$;

comment on function pgops.lock_relations(regclass, regclass[], text[]) is
    'Locks relations in the order given, each in its mode, the root itself without its partitions, as owner of the root; '
    'all together wait no longer than the setting lock_timeout, which stays in force for the locks of later commands of '
    'the transaction. Errors: 55P03 not obtained in time, 42501 may not act for the owner.';

revoke all on function pgops.lock_relations(regclass, regclass[], text[]) from public;
grant execute on function pgops.lock_relations(regclass, regclass[], text[]) to pgops_operator;
