-- Collations whose rules have changed since indexes were sorted by them, and the indexes concerned.
-- scope: database
-- column collation: collation; `database default` is the one of columns that name none
-- column provider: libc (the operating system) or icu
-- column recorded: version by which the indexes were made
-- column installed: version that is there now
-- column index: an index that is sorted by it, or whose condition or expression compares by it
-- column table: its table
-- column size_mb: megabytes of the index
-- good: no rows.
-- bad: any: an upgrade of the operating system has changed the order; searches miss rows, unique indexes let doubles in.
-- do: runbook corrupted-index: REINDEX INDEX CONCURRENTLY each, then ALTER DATABASE .. REFRESH COLLATION VERSION, or ALTER COLLATION.
with changed as (
    select
        c.oid,
        case c.collprovider when 'c' then 'libc' when 'i' then 'icu' else c.collprovider::text end as provider,
        c.oid::regcollation::text as name,
        c.collversion as recorded,
        pg_collation_actual_version(c.oid) as installed
    from pg_collation as c
    where c.collprovider <> 'd' and c.collversion is distinct from pg_collation_actual_version(c.oid)
    union all
    select
        'pg_catalog."default"'::regcollation,
        case d.datlocprovider when 'c' then 'libc' when 'i' then 'icu' else d.datlocprovider::text end,
        'database default',
        d.datcollversion,
        pg_database_collation_actual_version(d.oid)
    from pg_database as d
    where d.datname = current_database() and d.datcollversion is distinct from pg_database_collation_actual_version(d.oid)
)

select
    c.name as collation,
    c.provider,
    c.recorded,
    c.installed,
    i.indexrelid::regclass::text as index,
    i.indrelid::regclass::text as table,
    round(pg_relation_size(i.indexrelid) / 1048576.0, 1) as size_mb
from changed as c
left join pg_index as i
    on i.indrelid >= 16384
        and (
            c.oid = any(i.indcollation)
            -- Which rows a partial index has, and what an expression gives, may hang on it, too; of the default, nobody notes that.
            or exists (
                select from pg_depend as d
                where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_collation'::regclass
                    and d.refobjid = c.oid
            )
            or (
                c.name = 'database default'
                and concat(i.indpred, ' ', i.indexprs) ~ ' :inputcollid 100 '
            )
        )
where i.indexrelid is not null or c.name = 'database default'
order by c.name asc, pg_relation_size(i.indexrelid) desc nulls last, i.indexrelid asc
