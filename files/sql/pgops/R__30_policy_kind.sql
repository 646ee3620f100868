create or replace function pgops.policy_kind(policy jsonb) returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return case
    when policy #> '{by,list}' is not null then 'list'
    when policy #> '{by,hash}' is not null then 'hash'
    when policy ? 'partitions' and policy #> '{by,every}' is null then 'bounds'
    when policy #>> '{by,every}' ~ '^[-+0-9.eE]*[0-9][-+0-9.eE]*$' then 'number'
    else 'period'
end;

comment on function pgops.policy_kind(jsonb) is
    'Which of the ways to say the wanted partitions a policy uses: period (RANGE by time), number (RANGE by number), '
    'bounds (RANGE with given bounds), list, hash.';

revoke all on function pgops.policy_kind(jsonb) from public;
grant execute on function pgops.policy_kind(jsonb) to pgops_monitor;
