create or replace function pgops.complete_policy(policy jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    every text;
begin
    perform pgops.check_policy_keys('policy', policy, array[
        'by', 'name', 'ahead', 'behind', 'default', 'retention', 'time_zone', 'hooks', 'storage_parameters'
    ]);
    perform pgops.check_policy_keys('by', policy -> 'by', array['range', 'every']);
    every := policy #>> '{by,every}';
    if jsonb_typeof(policy #> '{by,every}') is distinct from 'string' or pgops.period_step(every) is null then
        perform pgops.refuse_policy_value('by.every', policy #> '{by,every}', '"day", "week", "month", "quarter" or "year"');
    end if;
    if jsonb_typeof(policy #> '{by,range}') is distinct from 'string' then
        perform pgops.refuse_policy_value('by.range', policy #> '{by,range}', 'the column that the table is partitioned by');
    end if;
    perform pgops.check_policy_name(policy -> 'name', every);
    return jsonb_strip_nulls(jsonb_build_object(
        'by', policy -> 'by',
        'name', policy -> 'name',
        'ahead', pgops.policy_integer(policy, 'ahead', 3, 1000),
        'behind', pgops.policy_integer(policy, 'behind', 0, 1000),
        'default', pgops.policy_default(policy -> 'default'),
        'retention', pgops.policy_retention(policy -> 'retention'),
        'time_zone', pgops.policy_time_zone(policy -> 'time_zone'),
        'hooks', pgops.policy_hooks(policy -> 'hooks'),
        'storage_parameters', pgops.policy_storage_parameters(policy -> 'storage_parameters')
    ));
end
$$;

comment on function pgops.complete_policy(jsonb) is
    'A partition policy with all defaults written out; its keys are described at pgops.set_partition_policy(). '
    'Errors: 22023 with the key, the value and what is accepted; 42622 names too long.';

revoke all on function pgops.complete_policy(jsonb) from public;
grant execute on function pgops.complete_policy(jsonb) to pgops_operator;
