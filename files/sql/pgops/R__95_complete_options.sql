create or replace function pgops.complete_options(options jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    result jsonb;
    option record;
begin
    if jsonb_typeof(options) is distinct from 'object' then
        perform pgops.refuse_operation(format('options are %s; accepted: an object', coalesce(options::text, 'null')));
    end if;
    result := jsonb_build_object(
        'lock_budget_ms', pgops.configuration_value('operation_lock_budget'),
        'batch_blocks', pgops.configuration_value('operation_batch_blocks'),
        'max_replay_keys', pgops.configuration_value('operation_replay_keys'),
        'switch', 'now', 'switch_after', null
    ) || options;
    for option in select o.key, o.value from jsonb_each(result) as o loop
        if option.key in ('lock_budget_ms', 'batch_blocks', 'max_replay_keys') then
            if jsonb_typeof(option.value) <> 'number' or option.value::numeric not between 1 and 1000000
                or option.value::numeric % 1 <> 0
            then
                perform pgops.refuse_operation(format('option "%s" is %s; accepted: a whole number from 1 to 1000000',
                    option.key, option.value));
            end if;
        elsif option.key = 'switch' then
            if option.value not in ('"now"', '"wait"') then
                perform pgops.refuse_operation(format('option "switch" is %s; accepted: "now" or "wait"', option.value));
            end if;
        elsif option.key = 'switch_after' then
            perform (option.value #>> '{}')::timestamptz;
        else
            perform pgops.refuse_operation(format('unknown option "%s" with the value %s; accepted: lock_budget_ms, '
                'batch_blocks, max_replay_keys, switch, switch_after', option.key, option.value));
        end if;
    end loop;
    return result;
end
$$;

comment on function pgops.complete_options(jsonb) is
    'Options of an operation with all defaults written out; they are described at pgops.operation_apply(). Errors: 22023 '
    'with the option, the value and what is accepted; 22007 switch_after is no time.';

revoke all on function pgops.complete_options(jsonb) from public;
grant execute on function pgops.complete_options(jsonb) to pgops_operator;
