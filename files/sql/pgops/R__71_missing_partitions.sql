create or replace function pgops.missing_partitions(parent regclass, policy jsonb) returns bigint
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if pgops.policy_kind(policy) in ('period', 'number')
        or pgops.policy_strategy(policy) <> (pgops.partition_key(parent)).strategy
    then
        return null;
    end if;
    return (
        select count(*)
        from pgops.missing_pieces(parent, array(select d from pgops.declared_partitions(parent, policy) as d))
    );
exception
    -- A policy that no longer fits its table must not hide those of the others.
    when wrong_object_type or feature_not_supported or data_exception then
        return null;
end
$$;

comment on function pgops.missing_partitions(regclass, jsonb) is
    'How many of the partitions that a policy by given bounds, list or hash declares the table does not have; null for '
    'another policy, or when the table is gone or no longer partitioned as the policy says. Reads the catalogue only.';

revoke all on function pgops.missing_partitions(regclass, jsonb) from public;
grant execute on function pgops.missing_partitions(regclass, jsonb) to pgops_monitor;
