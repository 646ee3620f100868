create or replace function pgops.nested_policy(policy jsonb) returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
return (
    select coalesce(jsonb_object_agg(p.key, p.value), '{}')
    from jsonb_each(policy) as p
    where p.key in ('hooks', 'storage_parameters', 'tablespace', 'indexes')
) || (policy -> 'subpartitions');

comment on function pgops.nested_policy(jsonb) is
    'The policy of the partitions'' own partitions: "subpartitions", with what it takes from the policy above it. Null for '
    'none.';

revoke all on function pgops.nested_policy(jsonb) from public;
grant execute on function pgops.nested_policy(jsonb) to pgops_monitor;
