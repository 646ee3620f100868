create or replace function pgops.check_policy_literal(key text, value jsonb, type_name text, key_type regtype) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    literal text := value #>> '{}';
    fits boolean := case
        when exists (select from pg_enum as e where e.enumtypid = key_type) then
            exists (select from pg_enum as e where e.enumtypid = key_type and e.enumlabel::text = literal)
        else pg_input_is_valid(literal, type_name)
    end;
begin
    if jsonb_typeof(value) in ('array', 'object') or not fits then
        perform pgops.refuse_policy_value(key, value, 'a value of type ' || type_name);
    end if;
end
$$;

comment on function pgops.check_policy_literal(text, jsonb, text, regtype) is
    'Raises 22023 unless the value of a key of a policy is one of the partition key''s type.';

revoke all on function pgops.check_policy_literal(text, jsonb, text, regtype) from public;
grant execute on function pgops.check_policy_literal(text, jsonb, text, regtype) to pgops_operator;
