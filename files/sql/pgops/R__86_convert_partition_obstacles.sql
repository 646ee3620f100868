create or replace function pgops.convert_partition_obstacles(relation regclass, policy jsonb) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with tree as (
        select t.relid, t.isleaf from pg_partition_tree(relation) as t where t.relid <> relation
    ),

    -- What the new partitions get: from the table, and from the policy.
    followed as materialized (
        select r.kind, r.fact from pgops.carried_rights(relation, relation) as r
        union all
        select c.kind, c.fact from pgops.carried_columns(relation, relation) as c
        union all
        select o.kind, o.fact from pgops.carried_objects(relation, relation) as o
        union all
        select 'index', concat(case when i.value ->> 'unique' = 'true' then 'unique ' end, 'index USING ',
            quote_ident(coalesce(i.value ->> 'method', 'btree')), ' (', c.columns, ')', ' INCLUDE (' || n.columns || ')')
        from jsonb_array_elements(policy -> 'indexes') as i (value)
        cross join lateral (
            select string_agg(quote_ident(e.name), ', ' order by e.position) as columns
            from jsonb_array_elements_text(i.value -> 'columns') with ordinality as e (name, position)
        ) as c
        cross join lateral (
            select string_agg(quote_ident(e.name), ', ' order by e.position) as columns
            from jsonb_array_elements_text(i.value -> 'include') with ordinality as e (name, position)
        ) as n
    ),

    first_leaf as (
        select l.leaf from pgops.table_leaves(relation) as l (leaf) order by l.leaf::oid limit 1
    )

    select format('partition %s differs from %s in its %s (%s), which no new partition would have: give it to %s, or take it from '
        'the partition', t.relid, relation, k.kind, k.fact, relation)
    from tree as t
    cross join lateral (
        select r.kind, r.fact from pgops.carried_rights(t.relid, relation) as r
        union all
        select c.kind, c.fact from pgops.carried_columns(t.relid, relation) as c
        union all
        select o.kind, o.fact from pgops.carried_objects(t.relid, relation) as o
    ) as k
    where not exists (select from followed as f where f.kind = k.kind and f.fact = k.fact)
    union all
    select format('partition %s differs from %s in its storage (%s), and all new partitions would be like one of them: make them '
        'equal, or say in the policy how they are to be stored', s.one, s.other, s.fact)
    from (
        select p.one, p.other, d.fact
        from first_leaf as f
        join tree as t on t.isleaf and t.relid <> f.leaf
        cross join lateral (values (t.relid::regclass, f.leaf), (f.leaf, t.relid::regclass)) as p (one, other)
        cross join lateral (
            select o.fact from pgops.carried_storage(p.one, policy) as o
            except
            select h.fact from pgops.carried_storage(p.other, policy) as h
        ) as d
    ) as s;
end;

comment on function pgops.convert_partition_obstacles(regclass, jsonb) is
    'What single partitions of a partitioned table have, at any level, that neither it nor a policy by which it is to be '
    'partitioned gives to the new ones. A sentence each; reads the catalogue only.';

revoke all on function pgops.convert_partition_obstacles(regclass, jsonb) from public;
grant execute on function pgops.convert_partition_obstacles(regclass, jsonb) to pgops_operator;
