create or replace function pgops.check_policy(parent regclass, policy jsonb) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.partition_key(parent);
    strategy text := pgops.policy_strategy(policy);
begin
    if key.strategy <> strategy then
        raise exception '% is partitioned by %; accepted for a policy by %: a table partitioned by %', parent,
            pg_get_partkeydef(parent), strategy, upper(strategy) using errcode = 'feature_not_supported';
    end if;
    if pgops.policy_column(policy) <> key.column_name then
        perform pgops.refuse_policy_value('by.' || strategy, policy #> array['by', strategy],
            format('"%s", the column that %s is partitioned by', key.column_name, parent));
    end if;
    if exists (select from pg_class as c where c.oid = parent and c.relpersistence = 't') then
        raise exception '% is a temporary table; accepted: a permanent one', parent
            using errcode = 'feature_not_supported';
    end if;
    perform pgops.default_partition_name(c.relname, policy) from pg_class as c where c.oid = parent;
    perform pgops.check_policy_level(parent, policy);
end
$$;

comment on function pgops.check_policy(regclass, jsonb) is
    'Raises unless a completed policy fits the table. Errors: 42809 not a partitioned table, 0A000 partitioned by another '
    'strategy or by what no policy can keep, or a temporary table; 22023 a column, type or value that does not fit; 42622 '
    'name too long.';

revoke all on function pgops.check_policy(regclass, jsonb) from public;
grant execute on function pgops.check_policy(regclass, jsonb) to pgops_operator;
