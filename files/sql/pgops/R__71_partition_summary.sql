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
    key record;
    existing pgops.partition_piece[];
begin
    key := pgops.partition_key(parent);
    if key.strategy <> pgops.policy_strategy(policy) then
        return;
    end if;
    default_partition := pgops.default_partition(parent);
    periods_ahead := pgops.periods_ahead(parent, policy);
    existing := pgops.existing_pieces(parent);
    partitions := cardinality(existing);
    if key.strategy = 'range' then
        last_bound := coalesce((
            select coalesce(r.upper_bound, 'infinity')
            from pgops.ranked_pieces(existing, key.key_type, key.type_name, key.collation_name) as r
            order by r.upper_rank desc limit 1
        ), 'none');
    end if;
exception
    -- A policy that no longer fits its table must not hide those of the others.
    when wrong_object_type or feature_not_supported or undefined_column or data_exception then
        null;
end
$$;

comment on function pgops.partition_summary(regclass, jsonb) is
    'A row of pgops.partition_status; nulls when the table is gone or no longer partitioned as the policy says.';

revoke all on function pgops.partition_summary(regclass, jsonb) from public;
grant execute on function pgops.partition_summary(regclass, jsonb) to pgops_monitor;
