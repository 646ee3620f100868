create or replace function pgops.nested_tables(parent regclass, policy jsonb, not_before text) returns setof regclass
language sql
set search_path = pg_catalog, pg_temp
begin atomic
    with gone as materialized (
        select pgops.find_relation(r.partition_name) as partition from pgops.plan_retention(parent, policy, not_before) as r
    )

    select b.partition
    from pgops.existing_partitions(parent) as b
    join pg_partitioned_table as p on p.partrelid = b.partition and p.partnatts = 1
    join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    join pg_class as c on c.oid = b.partition
    where not b.is_default
        and not b.detach_pending
        and a.attname = pgops.policy_column(policy -> 'subpartitions')
        and p.partstrat::text = left(pgops.policy_strategy(policy -> 'subpartitions'), 1)
        -- Those that retention takes need no more partitions.
        and not exists (select from gone as g where g.partition = b.partition)
    order by c.relname;
end;

comment on function pgops.nested_tables(regclass, jsonb, text) is
    'The partitions that are themselves partitioned as the policy''s "subpartitions" say and that retention does not take. '
    'One that was made otherwise, before the policy said so, stays as it is. Reads the catalogue only.';

revoke all on function pgops.nested_tables(regclass, jsonb, text) from public;
grant execute on function pgops.nested_tables(regclass, jsonb, text) to pgops_operator;
