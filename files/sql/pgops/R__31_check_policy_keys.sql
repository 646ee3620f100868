create or replace function pgops.check_policy_keys(key text, value jsonb, accepted text[]) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    unknown_key text;
begin
    if value is null or jsonb_typeof(value) <> 'object' then
        perform pgops.refuse_policy_value(key, value, 'an object with the keys ' || array_to_string(accepted, ', '));
    end if;
    select k.name into unknown_key from jsonb_object_keys(value) as k (name)
    where k.name <> all (accepted) order by k.name limit 1;
    if found then
        raise exception 'partition policy: "%" has the unknown key "%" with the value %; accepted keys: %',
            key, unknown_key, value -> unknown_key, array_to_string(accepted, ', ')
            using errcode = 'invalid_parameter_value';
    end if;
end
$$;

comment on function pgops.check_policy_keys(text, jsonb, text[]) is
    'Raises 22023 unless the value of a key of a partition policy is an object with accepted keys only.';

revoke all on function pgops.check_policy_keys(text, jsonb, text[]) from public;
grant execute on function pgops.check_policy_keys(text, jsonb, text[]) to pgops_operator;
