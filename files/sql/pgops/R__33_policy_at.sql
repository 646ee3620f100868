create or replace function pgops.policy_at(policy jsonb, root regclass, parent regclass) returns jsonb
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    level_policy jsonb := policy;
    ancestor regclass;
begin
    -- From the partition up to the table of the policy: a level of nesting each.
    for ancestor in select a.relid from pg_partition_ancestors(parent) as a loop
        exit when ancestor = root;
        level_policy := pgops.nested_policy(level_policy);
    end loop;
    return level_policy;
end
$$;

comment on function pgops.policy_at(jsonb, regclass, regclass) is
    'The part of the policy of root that holds for a table nested in it, or for root itself; null where the policy nests '
    'less deeply.';

revoke all on function pgops.policy_at(jsonb, regclass, regclass) from public;
grant execute on function pgops.policy_at(jsonb, regclass, regclass) to pgops_operator;
