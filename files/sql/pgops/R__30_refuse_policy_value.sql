create or replace function pgops.refuse_policy_value(key text, value jsonb, accepted text) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception 'partition policy: "%" is %; accepted: %', key, coalesce(value::text, 'missing'), accepted
        using errcode = 'invalid_parameter_value';
end
$$;

comment on function pgops.refuse_policy_value(text, jsonb, text) is
    'Raises 22023 with the key of a partition policy, the value found and what is accepted.';

revoke all on function pgops.refuse_policy_value(text, jsonb, text) from public;
grant execute on function pgops.refuse_policy_value(text, jsonb, text) to pgops_operator;
