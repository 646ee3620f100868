create or replace function pgops.policy_column(policy jsonb) returns name
language sql
immutable
set search_path = pg_catalog, pg_temp
return policy #>> array['by', pgops.policy_strategy(policy)];

comment on function pgops.policy_column(jsonb) is 'The column that a policy partitions by.';

revoke all on function pgops.policy_column(jsonb) from public;
grant execute on function pgops.policy_column(jsonb) to pgops_monitor;
