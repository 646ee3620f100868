create or replace function pgops.operation_time_zone(relation regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(
        (
            select pgops.policy_at(p.policy, p.parent, relation) ->> 'time_zone'
            from pg_partition_ancestors(relation) with ordinality as a (relid, number)
            join pgops.partition_policy as p on p.parent = a.relid
            order by a.number
            limit 1
        ),
        'UTC'
    );
end;

comment on function pgops.operation_time_zone(regclass) is
    'The time zone that bounds given without an offset are meant in: that of the policy of a table, or of one above it, at the '
    'level of the table; UTC without a policy.';

revoke all on function pgops.operation_time_zone(regclass) from public;
grant execute on function pgops.operation_time_zone(regclass) to pgops_operator;
