create or replace function pgops.check_operation_targets(relation regclass, design jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    problem record;
    moduli integer[];
    -- Of partitions of partitions, those that are there show that they can be.
    outer_targets jsonb := jsonb_path_query_array(design -> 'targets', '$[*] ? (!exists(@.inside))');
begin
    for problem in
        select t.target ->> 'name' as name
        from jsonb_array_elements(design -> 'targets') as t (target)
        group by 1 having count(*) > 1
    loop
        perform pgops.refuse_operation(format('the name %s is asked for twice', problem.name));
    end loop;
    for problem in
        select t.target ->> 'name' as name
        from jsonb_array_elements(design -> 'targets') as t (target)
        where pgops.find_relation(t.target ->> 'name') is not null
            and not design -> 'sources' @> jsonb_build_array(jsonb_build_object('name', t.target -> 'name'))
        union all
        select s.name
        from jsonb_array_elements(design -> 'targets') as t (target)
        cross join pgops.subpartition_names(t.target) as s (name)
        where pgops.find_relation(s.name) is not null
    loop
        perform pgops.refuse_operation(format('a relation %s exists already', problem.name));
    end loop;
    for problem in
        select t.target ->> 'name' as name, o.name as other
        from jsonb_array_elements(outer_targets) with ordinality as t (target, number)
        cross join lateral (
            select p.partition_name as name, p.bound from pgops.partition_bounds(relation) as p
            where not design -> 'sources' @> jsonb_build_array(jsonb_build_object('oid', p.partition::oid::bigint))
            union all
            select b.target ->> 'name', b.target -> 'bound'
            from jsonb_array_elements(outer_targets) with ordinality as b (target, number)
            where b.number > t.number
        ) as o
        where pgops.bounds_overlap(relation, t.target -> 'bound', o.bound)
        limit 1
    loop
        perform pgops.refuse_operation(format('%s and %s would both take some row', problem.name, problem.other));
    end loop;
    if exists (select from jsonb_array_elements(outer_targets) as t (target)
        where t.target #>> '{bound,from}' is not null
            and pgops.compare_range_ends(relation, t.target #> '{bound,from}', t.target #> '{bound,to}') >= 0)
    then
        perform pgops.refuse_operation('"from" of a new partition is not before its "to"');
    end if;
    moduli := array(
        select distinct m.modulus from (
            select (p.bound ->> 'modulus')::integer as modulus from pgops.partition_bounds(relation) as p
            where not design -> 'sources' @> jsonb_build_array(jsonb_build_object('oid', p.partition::oid::bigint))
            union all
            select (t.target #>> '{bound,modulus}')::integer from jsonb_array_elements(outer_targets) as t (target)
        ) as m where m.modulus is not null order by 1
    );
    if exists (select from generate_subscripts(moduli, 1) as i (n) where moduli[i.n + 1] % moduli[i.n] <> 0) then
        perform pgops.refuse_operation(format('the moduli of %s would be %s; accepted: each a multiple of the one before',
            relation, array_to_string(moduli, ', ')));
    end if;
end
$$;

comment on function pgops.check_operation_targets(regclass, jsonb) is
    'Raises 22023 unless the new partitions of a design can stand beside those that stay: names free, bounds in order and '
    'without overlap, moduli multiples of one another.';

revoke all on function pgops.check_operation_targets(regclass, jsonb) from public;
grant execute on function pgops.check_operation_targets(regclass, jsonb) to pgops_operator;
