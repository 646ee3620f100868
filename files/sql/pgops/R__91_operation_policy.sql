create or replace function pgops.operation_policy(relation regclass) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select pgops.policy_at(p.policy, p.parent, relation)
    from pg_partition_ancestors(relation) with ordinality as a (relid, number)
    join pgops.partition_policy as p on p.parent = a.relid
    order by a.number
    limit 1;
end;

comment on function pgops.operation_policy(regclass) is
    'What the policy of a table, or of one above it, says of the level of the table; null for none.';

revoke all on function pgops.operation_policy(regclass) from public;
grant execute on function pgops.operation_policy(regclass) to pgops_operator;
