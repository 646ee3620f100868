create or replace function pgops.policy_strategy(policy jsonb) returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return case pgops.policy_kind(policy) when 'list' then 'list' when 'hash' then 'hash' else 'range' end;

comment on function pgops.policy_strategy(jsonb) is 'Partitioning strategy of a policy: range, list or hash.';

revoke all on function pgops.policy_strategy(jsonb) from public;
grant execute on function pgops.policy_strategy(jsonb) to pgops_monitor;
