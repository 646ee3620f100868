create or replace function pgops.policy_default(value jsonb, kind text, nested boolean) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if kind = 'hash' then
        if coalesce(value, 'null') not in ('null', 'false') then
            perform pgops.refuse_policy_value('default', value, 'false: a table partitioned by HASH has no default partition');
        end if;
        return null;
    end if;
    if value is null or value = 'null' then
        return 'true';
    end if;
    if jsonb_typeof(value) = 'string' then
        if value #>> '{}' = '' or value #>> '{}' like '%.%' or octet_length(value #>> '{}') > 63 then
            perform pgops.refuse_policy_value('default', value,
                'true, false, or a name without schema of 1 to 63 bytes');
        end if;
        if nested and value #>> '{}' not like '%{parent}%' then
            perform pgops.refuse_policy_value('default', value, 'in "subpartitions" a name with the field {parent}');
        end if;
    elsif jsonb_typeof(value) <> 'boolean' then
        perform pgops.refuse_policy_value('default', value, 'true, false, or the name of the default partition');
    end if;
    return value;
end
$$;

comment on function pgops.policy_default(jsonb, text, boolean) is
    'Whether a partition policy of a kind wants a default partition: true (named after the table, also when the key is '
    'missing), false, or its name, with {parent} when nested; null for HASH, which has none. Errors: 22023 anything else.';

revoke all on function pgops.policy_default(jsonb, text, boolean) from public;
grant execute on function pgops.policy_default(jsonb, text, boolean) to pgops_operator;
