create or replace function pgops.partition_summary(
    parent regclass,
    policy jsonb,
    out partitions bigint,
    out default_partition regclass,
    out last_bound text,
    out periods_ahead integer
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype;
begin
    key_type := (pgops.range_key(parent)).key_type;
    default_partition := pgops.default_partition(parent);
    periods_ahead := pgops.periods_ahead(parent, policy);
    select count(*), coalesce(pgops.bound_literal(max(coalesce(p.upper_bound, 'infinity')), key_type), 'none')
    into partitions, last_bound
    from pgops.partitions(parent) as p where not p.is_default;
exception
    -- A policy that no longer fits its table must not hide those of the others.
    when wrong_object_type or feature_not_supported then
        null;
end
$$;

comment on function pgops.partition_summary(regclass, jsonb) is
    'A row of pgops.partition_status; nulls when the table is gone or no longer partitioned as the policy says.';

revoke all on function pgops.partition_summary(regclass, jsonb) from public;
grant execute on function pgops.partition_summary(regclass, jsonb) to pgops_monitor;
