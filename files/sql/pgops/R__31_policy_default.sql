create or replace function pgops.policy_default(value jsonb) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if value is null or value = 'null' then
        return 'true';
    end if;
    if jsonb_typeof(value) = 'string' then
        if value #>> '{}' = '' or value #>> '{}' like '%.%' or octet_length(value #>> '{}') > 63 then
            perform pgops.refuse_policy_value('default', value,
                'true, false, or a name without schema of 1 to 63 bytes');
        end if;
    elsif jsonb_typeof(value) <> 'boolean' then
        perform pgops.refuse_policy_value('default', value, 'true, false, or the name of the default partition');
    end if;
    return value;
end
$$;

comment on function pgops.policy_default(jsonb) is
    'Whether a partition policy wants a default partition: true (named after the table, also when the key is missing), '
    'false, or its name. Errors: 22023 anything else.';

revoke all on function pgops.policy_default(jsonb) from public;
grant execute on function pgops.policy_default(jsonb) to pgops_operator;
