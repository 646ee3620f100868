create or replace function pgops.check_policy(parent regclass, policy jsonb) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.range_key(parent);
    default_name text := pgops.default_partition_name(parent, policy);
begin
    if policy #>> '{by,range}' <> key.column_name then
        perform pgops.refuse_policy_value('by.range', policy #> '{by,range}',
            format('"%s", the column that %s is partitioned by', key.column_name, parent));
    end if;
    if octet_length(default_name) > 63 then
        raise exception 'default partition name "%" has % bytes; accepted: at most 63', default_name, octet_length(default_name)
            using errcode = 'name_too_long', hint = 'Give a name as "default" in the partition policy.';
    end if;
    if exists (select from pg_class as c where c.oid = parent and c.relpersistence = 't') then
        raise exception '% is a temporary table; accepted: a permanent one', parent
            using errcode = 'feature_not_supported';
    end if;
end
$$;

comment on function pgops.check_policy(regclass, jsonb) is
    'Raises unless a completed policy fits the table. Errors: 42809 not a partitioned table, 0A000 not RANGE on one '
    'column of type date, timestamp or timestamptz, or a temporary table; 22023 another column; 42622 name too long.';

revoke all on function pgops.check_policy(regclass, jsonb) from public;
grant execute on function pgops.check_policy(regclass, jsonb) to pgops_operator;
