create or replace function pgops.complete_policy_level(policy jsonb, key text, upper_time_zone text) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    nested constant boolean := key <> 'policy';
    time_zone text;
    by_key jsonb;
    kind text;
begin
    perform pgops.check_policy_keys(key, policy, array[
        'by', 'name', 'ahead', 'behind', 'default', 'retention', 'time_zone', 'hooks', 'storage_parameters', 'tablespace',
        'indexes', 'partitions', 'subpartitions'
    ]);
    by_key := pgops.policy_by(policy);
    kind := pgops.policy_kind(policy);
    perform pgops.check_policy_keys(
        format('%s by %s', key, case kind when 'bounds' then 'range with "partitions"' else kind end),
        policy - array(select p.key from jsonb_each(policy) as p where p.value = 'null'), pgops.policy_keys(kind, nested)
    );
    perform pgops.check_policy_name(policy, by_key, nested);
    if kind in ('period', 'bounds') then
        time_zone := pgops.policy_time_zone(coalesce(nullif(policy -> 'time_zone', 'null'), to_jsonb(upper_time_zone))) #>> '{}';
    end if;
    return jsonb_strip_nulls(jsonb_build_object(
        'by', by_key,
        'name', policy -> 'name',
        'partitions', pgops.policy_partitions(policy -> 'partitions', kind, nested),
        'ahead', case when kind in ('period', 'number') then pgops.policy_integer(policy, 'ahead', 3, 1000) end,
        'behind', case when kind in ('period', 'number') then pgops.policy_integer(policy, 'behind', 0, 1000) end,
        'default', pgops.policy_default(policy -> 'default', kind, nested),
        'retention', pgops.policy_retention(policy -> 'retention', kind),
        'time_zone', time_zone,
        'hooks', pgops.policy_hooks(policy -> 'hooks'),
        'tablespace', pgops.policy_tablespace(policy -> 'tablespace'),
        'indexes', pgops.policy_indexes(policy -> 'indexes'),
        'storage_parameters', pgops.policy_storage_parameters(policy -> 'storage_parameters'),
        'subpartitions', case when nullif(policy -> 'subpartitions', 'null') is not null then
            pgops.complete_policy_level(policy -> 'subpartitions', 'subpartitions', coalesce(time_zone, upper_time_zone))
        end
    ));
end
$$;

comment on function pgops.complete_policy_level(jsonb, text, text) is
    'A policy (key: policy) or what one says of the partitions of partitions (key: subpartitions), with all defaults '
    'written out; a time zone that is not given is that of the level above. Errors: as pgops.complete_policy().';

revoke all on function pgops.complete_policy_level(jsonb, text, text) from public;
grant execute on function pgops.complete_policy_level(jsonb, text, text) to pgops_operator;
