create or replace function pgops.policy_integer(policy jsonb, key text, default_value integer, maximum integer) returns integer
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    value jsonb := policy -> key;
begin
    if value is null or value = 'null' then
        return default_value;
    end if;
    if jsonb_typeof(value) <> 'number' or value::numeric not between 0 and maximum or value::numeric % 1 <> 0 then
        perform pgops.refuse_policy_value(key, value, format('a whole number from 0 to %s', maximum));
    end if;
    return value::integer;
end
$$;

comment on function pgops.policy_integer(jsonb, text, integer, integer) is
    'A whole number of a partition policy, or the default where the key is missing. Errors: 22023 anything else.';

revoke all on function pgops.policy_integer(jsonb, text, integer, integer) from public;
grant execute on function pgops.policy_integer(jsonb, text, integer, integer) to pgops_operator;
