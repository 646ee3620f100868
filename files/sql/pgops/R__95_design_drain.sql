create or replace function pgops.design_drain(relation regclass, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    targets jsonb;
    -- A nested table has its policy from one above it.
    policy_table regclass := (
        select p.parent
        from pg_partition_ancestors(relation) with ordinality as a (relid, number)
        join pgops.partition_policy as p on p.parent = a.relid
        order by a.number
        limit 1
    );
begin
    if pgops.default_partition(relation) is null then
        perform pgops.refuse_operation(format('%s has no default partition to be drained', relation));
    end if;
    if arguments ? 'partitions' then
        targets := pgops.operation_pieces(relation, 'partitions', arguments -> 'partitions');
    else
        select jsonb_agg(
            pgops.operation_target(relation, (parse_ident(p.partition_name))[2], pgops.parsed_bound(relation, p.bound))
            order by p.step
        )
        into targets
        from pgops.partition_plan(coalesce(policy_table, relation)) as p
        where p.operation = 'create_from_default' and pgops.find_relation(p.parent_name) = relation;
        if targets is null then
            perform pgops.refuse_operation(format('no row of the default partition of %s belongs to a partition that its '
                'policy makes', relation));
        end if;
    end if;
    perform pgops.refuse_subpartitions(relation, pgops.with_subpartitions(relation, targets));
    return pgops.with_default_exchanged(relation,
        jsonb_build_object('method', 'swap', 'sources', '[]'::jsonb, 'targets', targets));
end
$$;

comment on function pgops.design_drain(regclass, jsonb) is
    'How rows leave the default partition: for the "partitions" given, or those that the policy of the table makes. '
    'Errors: 22023, also where the policy gives subpartitions to new partitions, and those of pgops.partition_plan().';

revoke all on function pgops.design_drain(regclass, jsonb) from public;
grant execute on function pgops.design_drain(regclass, jsonb) to pgops_operator;
