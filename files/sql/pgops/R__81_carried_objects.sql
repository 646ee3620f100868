create or replace function pgops.carried_objects(
    source regclass,
    relation regclass
) returns table (kind text, fact text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- By definition, not by name: those of partitions have other names than those of the root.
    with object as (
        select
            case k.contype when 'f' then 'foreign key' else 'check' end as kind,
            concat_ws(' ', 'constraint', case when k.contype = 'c' then quote_ident(k.conname) end, pg_get_constraintdef(k.oid))
                as fact,
            obj_description(k.oid, 'pg_constraint') as description
        from pg_constraint as k
        left join pg_constraint as p on p.oid = k.conparentid
        where k.conrelid = source and k.contype in ('c', 'f') and p.conrelid is distinct from k.conrelid
        union all
        select
            'index',
            concat_ws(' ', case when i.indisunique then 'unique' end, case k.contype when 'p' then 'primary key' when 'u' then
                'constraint' when 'x' then 'exclusion constraint' end, 'index', pgops.index_definition(i.indexrelid),
                substring(pg_get_constraintdef(k.oid) from 'DEFERRABLE.*$')),
            coalesce(obj_description(i.indexrelid, 'pg_class'), obj_description(k.oid, 'pg_constraint'))
        from pg_index as i
        left join pg_constraint as k
            on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
        where i.indrelid = source and i.indisvalid
        union all
        select
            'statistics',
            concat_ws(' ', 'statistics', nullif(d.kinds, ''), 'on', d.columns, 'with target ' || nullif(e.stxstattarget, -1)),
            obj_description(e.oid, 'pg_statistic_ext')
        from pg_statistic_ext as e
        cross join lateral pgops.statistics_definition(e.oid) as d
        where e.stxrelid = source
        union all
        select 'table', null, obj_description(source, 'pg_class')
    )

    select o.kind, o.fact from object as o where o.fact is not null
    union all
    select 'comment', format('comment on %s is %L', coalesce(o.fact, 'table ' || relation), o.description)
    from object as o
    where o.description is not null
    union all
    select 'comment', format('comment on column %s.%I is %L', relation, a.attname, col_description(source, a.attnum))
    from pg_attribute as a
    where a.attrelid = source and a.attnum > 0 and not a.attisdropped and col_description(source, a.attnum) is not null
    union all
    select 'index', 'cluster on index ' || pgops.index_definition(i.indexrelid)
    from pg_index as i
    where i.indrelid = source and i.indisclustered
    union all
    select
        'replica identity',
        'replica identity ' || case c.relreplident when 'f' then 'full' when 'n' then 'nothing' else
            'using index ' || pgops.index_definition(i.indexrelid) end
    from pg_class as c
    left join pg_index as i on i.indrelid = c.oid and i.indisreplident
    where c.oid = source and c.relreplident <> 'd';
end;

comment on function pgops.carried_objects(regclass, regclass) is
    'CHECKs, keys, indexes and statistics of a table, its comments (with those of the objects), CLUSTER mark and replica '
    'identity, a line each that speaks of another table (relation) in its place, so that those of two tables can be '
    'compared. kind: check, foreign key, index, statistics, comment, replica identity.';

revoke all on function pgops.carried_objects(regclass, regclass) from public;
grant execute on function pgops.carried_objects(regclass, regclass) to pgops_operator;
