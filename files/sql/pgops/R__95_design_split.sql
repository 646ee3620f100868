create or replace function pgops.design_split(relation regclass, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass := pgops.find_partition(relation, arguments ->> 'partition');
    source jsonb := pgops.operation_source(relation, partition, 'drop');
    bound jsonb := source -> 'bound';
    targets jsonb;
    design jsonb;
begin
    if bound ? 'default' then
        perform pgops.refuse_operation(format('%s is the default partition of %s', partition, relation),
            'Operation "drain" moves its rows into partitions of their own.');
    end if;
    targets := case when arguments ? 'every'
        then pgops.pieces_by_interval(relation, bound, arguments -> 'every', arguments ->> 'name')
        else pgops.operation_pieces(relation, 'into', arguments -> 'into') end;
    if exists (select from jsonb_array_elements(targets) as t (target)
        where not pgops.bound_within(relation, t.target -> 'bound', bound))
    then
        perform pgops.refuse_operation(format('the new bounds are not within that of %s, %s', partition, pgops.bound_clause(bound)));
    end if;
    design := jsonb_build_object('method', 'swap', 'sources', pgops.nested_sources(source), 'targets', (
        select jsonb_agg(n.target order by t.number, n.place)
        from jsonb_array_elements(targets) with ordinality as t (target, number)
        cross join jsonb_array_elements(pgops.nested_targets(relation, t.target, partition)) with ordinality as n (target, place)
    ));
    if not pgops.bounds_cover(relation, (select jsonb_agg(t.target -> 'bound') from jsonb_array_elements(targets) as t (target)), bound)
    then
        if pgops.default_partition(relation) is null then
            perform pgops.refuse_operation(format('the new partitions do not take all that %s takes, %s, and %s has no '
                'default partition for the rest', partition, pgops.bound_clause(bound), relation));
        end if;
        return pgops.with_default_exchanged(relation, design);
    end if;
    return design;
end
$$;

comment on function pgops.design_split(regclass, jsonb) is
    'How a partition is split: "partition" into pieces ("into", or "every" and "name") that cover its bound; the default '
    'partition takes what they leave. Errors: 22023.';

revoke all on function pgops.design_split(regclass, jsonb) from public;
grant execute on function pgops.design_split(regclass, jsonb) to pgops_operator;
