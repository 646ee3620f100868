create or replace function pgops.design_merge(relation regclass, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    sources jsonb := '[]';
    bounds jsonb;
    design jsonb;
begin
    if jsonb_typeof(arguments -> 'partitions') is distinct from 'array'
        or (select count(distinct pgops.find_partition(relation, p.name))
            from jsonb_array_elements_text(arguments -> 'partitions') as p (name)) < 2
    then
        perform pgops.refuse_operation(format('"partitions" is %s; accepted: a list of two partitions or more of %s',
            coalesce((arguments -> 'partitions')::text, 'missing'), relation));
    end if;
    select jsonb_agg(pgops.operation_source(relation, s.partition, 'drop')) into sources
    from (select distinct pgops.find_partition(relation, p.name) as partition
        from jsonb_array_elements_text(arguments -> 'partitions') as p (name)) as s;
    select jsonb_agg(s.source -> 'bound') into bounds from jsonb_array_elements(sources) as s (source);
    if bounds @> '[{"default": true}]' then
        perform pgops.refuse_operation(format('the default partition of %s cannot be merged with others', relation),
            'Its rows of the range between the others move along by themselves.');
    end if;
    perform pgops.check_merged_shapes(array(select (s.source ->> 'oid')::oid::regclass from jsonb_array_elements(sources) as s (source)));
    design := jsonb_build_object(
        'method', 'swap',
        'sources', (
            select jsonb_agg(n.source order by s.number, n.place)
            from jsonb_array_elements(sources) with ordinality as s (source, number)
            cross join jsonb_array_elements(pgops.nested_sources(s.source)) with ordinality as n (source, place)
        ),
        'targets', pgops.nested_targets(relation,
            pgops.operation_target(relation, arguments ->> 'into', pgops.merged_bound(relation, bounds)),
            (sources #>> '{0,oid}')::oid::regclass)
    );
    if pgops.default_partition(relation) is not null
        and not pgops.bounds_cover(relation, bounds, design #> '{targets,0,bound}')
    then
        return pgops.with_default_exchanged(relation, design);
    end if;
    return design;
end
$$;

comment on function pgops.design_merge(regclass, jsonb) is
    'How "partitions" are merged "into" one: ranges side by side (what lies between them belongs to the new one too, and '
    'its rows leave the default partition), lists, or remainders of HASH that make up one; where they are partitioned themselves, '
    'alike. Errors: 22023.';

revoke all on function pgops.design_merge(regclass, jsonb) from public;
grant execute on function pgops.design_merge(regclass, jsonb) to pgops_operator;
