create or replace function pgops.carry_obstacles(
    relation regclass,
    sources regclass[],
    operation text
) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select distinct o.obstacle
    from (
        select n.source from unnest(sources) as n (source)
        union
        -- What leaves the table takes its own partitions along.
        select t.relid
        from unnest(sources) as n (source)
        cross join pg_partition_tree(n.source) as t
        where operation in ('detach', 'drop')
    ) as s
    cross join lateral (
        select t.obstacle from pgops.carry_table_obstacles(relation, s.source) as t (obstacle)
        union all
        -- For pgops.add_bound_check(), which knows what a default partition may hold where that is one table.
        select format('%s, the default partition, is partitioned itself: change its partitions, or convert the whole table', s.source)
        from pg_class as c
        where c.oid = s.source and c.relkind = 'p' and s.source = pgops.default_partition(relation)
            and operation not in ('convert', 'detach', 'drop')
        union all
        select w.obstacle from pgops.carry_owner_obstacles(s.source) as w (obstacle)
        where operation not in ('detach', 'drop')
        union all
        select k.obstacle from pgops.carry_key_obstacles(relation, s.source) as k (obstacle)
        union all
        select p.obstacle from pgops.carry_publication_obstacles(s.source) as p (obstacle)
        where operation not in ('detach', 'drop')
        union all
        select r.obstacle from pgops.carry_root_publication_obstacles(s.source) as r (obstacle)
        where operation not in ('detach', 'drop', 'archive', 'convert')
        union all
        select g.obstacle from pgops.carry_trigger_obstacles(s.source) as g (obstacle)
        where operation not in ('detach', 'drop')
        union all
        select i.obstacle from pgops.carry_index_obstacles(s.source) as i (obstacle)
        where operation not in ('detach', 'drop')
        union all
        select format('index %s, which keeps values apart, is of %s alone and would let a value into each of the new partitions: drop it, or make it '
            'contain the columns of the partition key', u.indexrelid::regclass, s.source)
        from pg_index as u
        where operation = 'split'
            and u.indrelid = s.source
            and (u.indisunique or u.indisexclusion)
            and not exists (select from pg_inherits as h where h.inhrelid = u.indexrelid)
            and exists (
                select from pg_partitioned_table as p
                cross join unnest(p.partattrs::smallint[]) as k (number)
                where p.partrelid = relation and k.number <> 0 and not exists (
                    select from pg_attribute as r
                    join pg_attribute as a on a.attrelid = s.source and a.attname = r.attname
                    where r.attrelid = relation and r.attnum = k.number and a.attnum = any(u.indkey::smallint[])
                )
            )
        union all
        select d.obstacle from pgops.carry_dependent_obstacles(s.source) as d (obstacle)
        where s.source <> relation and operation <> 'detach'
    ) as o (obstacle)
    union all
    select l.obstacle
    from (
        select s.source from unnest(sources) as s (source)
        union
        -- What rows of the default partition move into follows the table.
        select relation where operation in ('add', 'drain')
    ) as f
    cross join lateral pgops.carry_label_obstacles(f.source) as l (obstacle)
    where operation not in ('detach', 'drop', 'archive')
    union all
    select format('index %s of %s is not valid, and would be made on the new partitions while everybody waits: give each partition its '
        'own and attach them to it, or drop it', i.indexrelid::regclass, relation)
    from pg_index as i
    where operation in ('split', 'merge', 'drain', 'add')
        and sources <> '{}'
        and relation <> all(sources)
        and i.indrelid = relation
        and not i.indisvalid
    union all
    select m.obstacle
    from pgops.merged_groups(sources) as g (merged)
    cross join pgops.carry_difference_obstacles(relation, g.merged) as m (obstacle)
    where operation = 'merge';
end;

comment on function pgops.carry_obstacles(regclass, regclass[], text) is
    'What keeps tables from being replaced by others without loss, a sentence each: what it is, why, and what to do. None '
    'means that pgops.carry_commands() carries everything. relation: the partitioned table; sources: the tables that are '
    'replaced (relation itself for a drain, whose new partitions follow it); operation: for merge, sources must not differ; '
    'for detach and drop, which make no tables, less stands in the way. Reads the catalogue only.';

revoke all on function pgops.carry_obstacles(regclass, regclass[], text) from public;
grant execute on function pgops.carry_obstacles(regclass, regclass[], text) to pgops_operator;
