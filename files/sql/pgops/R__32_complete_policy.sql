create or replace function pgops.complete_policy(policy jsonb) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return pgops.complete_policy_level(policy, 'policy', 'UTC');
end
$$;

comment on function pgops.complete_policy(jsonb) is
    'A partition policy with all defaults written out; its keys are described at pgops.set_partition_policy(). '
    'Errors: 22023 with the key, the value and what is accepted; 42622 names too long.';

revoke all on function pgops.complete_policy(jsonb) from public;
grant execute on function pgops.complete_policy(jsonb) to pgops_operator;
