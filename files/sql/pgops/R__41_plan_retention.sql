create or replace function pgops.plan_retention(
    parent regclass,
    policy jsonb,
    as_of timestamptz
) returns setof pgops.partition_step
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        policy #>> '{retention,then}',
        format('%s.%I', c.relnamespace::regnamespace, c.relname),
        coalesce(pgops.bound_literal(p.lower_bound, k.key_type), 'MINVALUE'),
        pgops.bound_literal(p.upper_bound, k.key_type),
        nullif(greatest(c.reltuples, -1), -1)::bigint,
        format('ACCESS EXCLUSIVE on %s, %s', parent, p.partition) || coalesce(', ' || pgops.default_partition(parent), ''),
        format('%s %s, all of it older than %s', policy #>> '{retention,then}', p.partition, policy #>> '{retention,keep}')
    from pgops.range_key(parent) as k
    cross join pgops.partitions(parent) as p
    join pg_class as c on c.oid = p.partition
    where not p.is_default
        and not p.detach_pending
        and p.upper_bound <= pgops.retention_limit(policy, k.key_type, as_of)
    order by p.upper_bound;
end;

comment on function pgops.plan_retention(regclass, jsonb, timestamptz) is
    'The steps that detach or drop partitions wholly older than the retention of a policy. Reads the catalogue only.';

revoke all on function pgops.plan_retention(regclass, jsonb, timestamptz) from public;
grant execute on function pgops.plan_retention(regclass, jsonb, timestamptz) to pgops_operator;
