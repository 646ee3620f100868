create or replace function pgops.design_convert(relation regclass, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    policy jsonb := pgops.convert_policy(relation, arguments);
    replaced boolean := not arguments ? 'new_name';
    leaves regclass[] := array(select l.leaf from pgops.table_leaves(relation) as l (leaf));
    schema_name text;
    table_name name;
    is_partition boolean;
    aside text;
    obstacles text[];
    key_columns jsonb := pgops.replay_key(relation, array[relation]);
begin
    select c.relnamespace::regnamespace, c.relname, c.relispartition into schema_name, table_name, is_partition
    from pg_class as c where c.oid = relation;
    aside := format('%s.%I', schema_name, case when replaced
        then coalesce(arguments ->> 'old_name', pgops.fitted_name(table_name, '_old')) else arguments ->> 'new_name' end);
    obstacles := array(
        select format('%s is a partition: convert the table that it is part of', relation) where is_partition
        union all
        select format('a relation %s exists: rename it, or give another "%s"', aside,
            case when replaced then 'old_name' else 'new_name' end) where pgops.find_relation(aside) is not null
        union all
        select format('%s has neither a primary key nor a unique index (not WITHOUT OVERLAPS) whose columns are all NOT NULL, by which rows that '
            'change meanwhile could be found again: add one', relation) where key_columns is null
        union all
        select o.obstacle
        from pgops.carry_obstacles(
            relation, relation || array(select t.relid from pg_partition_tree(relation) as t where t.relid <> relation), 'convert'
        ) as o (obstacle)
        -- Of what depends on the table itself, the more exact words follow.
        union all
        select o.obstacle from pgops.convert_obstacles(relation, policy, arguments) as o (obstacle)
    );
    if obstacles <> '{}' then
        raise exception 'convert of % is not possible: %', relation, array_to_string(obstacles, '; ')
            using errcode = 'object_not_in_prerequisite_state', hint = 'Nothing was changed.';
    end if;
    return jsonb_build_object(
        'method', case when replaced then 'convert' else 'follow' end,
        'sources', (
            select jsonb_agg(jsonb_build_object('oid', l.leaf::oid::bigint, 'name', l.leaf::text, 'then', 'keep') order by l.number)
            from unnest(leaves) with ordinality as l (leaf, number)
        ),
        'targets', jsonb_build_array(jsonb_build_object(
            'name', case when replaced then format('%s.%I', schema_name, table_name) else aside end, 'aside', aside
        )),
        'key_columns', key_columns
    );
end
$$;

comment on function pgops.design_convert(regclass, jsonb) is
    'How a table is converted: all tables that hold its rows are sources, the target is a partitioned table that takes the '
    'name, or the new one that is asked for. aside: the name that the old table gets then. '
    'Errors: 22023 the arguments do not fit, 55000 something stands in the way (all of it is named).';

revoke all on function pgops.design_convert(regclass, jsonb) from public;
grant execute on function pgops.design_convert(regclass, jsonb) to pgops_operator;
