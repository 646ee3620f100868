create or replace function pgops.policy_retention(value jsonb) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    if value is null or value = 'null' then
        return null;
    end if;
    perform pgops.check_policy_keys('retention', value, array['keep', 'then']);
    if jsonb_typeof(value -> 'keep') is distinct from 'string'
        or value ->> 'keep' !~ '^[1-9][0-9]{0,4} (day|week|month|year)s?$'
    then
        perform pgops.refuse_policy_value('retention.keep', value -> 'keep',
            'a number of days, weeks, months or years, such as "24 months"');
    end if;
    if value ->> 'then' is null or value ->> 'then' not in ('detach', 'drop') then
        perform pgops.refuse_policy_value('retention.then', value -> 'then', '"detach" or "drop"');
    end if;
    return value;
end
$$;

comment on function pgops.policy_retention(jsonb) is
    'The retention of a partition policy, null for none. Errors: 22023 with the key, the value and what is accepted.';

revoke all on function pgops.policy_retention(jsonb) from public;
grant execute on function pgops.policy_retention(jsonb) to pgops_operator;
