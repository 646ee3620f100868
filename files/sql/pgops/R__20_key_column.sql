create or replace function pgops.key_column(
    relation regclass,
    column_name name,
    out key_type regtype,
    out type_name text,
    out collation_name text
)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with recursive base as (
        select a.atttypid as type, a.atttypmod as modifier, a.attcollation as collation
        from pg_attribute as a
        where a.attrelid = relation and a.attname = key_column.column_name and a.attnum > 0 and not a.attisdropped
        union all
        select t.typbasetype, t.typtypmod, b.collation
        from base as b join pg_type as t on t.oid = b.type and t.typtype = 'd'
    )

    select b.type::regtype, format_type(b.type, b.modifier), (
        select format('%s.%I', l.collnamespace::regnamespace, l.collname) from pg_collation as l where l.oid = b.collation
    )
    from base as b join pg_type as t on t.oid = b.type and t.typtype <> 'd';
end;

comment on function pgops.key_column(regclass, name) is
    'Type, type with its modifier, and collation (null for none) of a column that is or shall be a partition key; the '
    'type beneath, where it is a domain. Nulls for no such column.';

revoke all on function pgops.key_column(regclass, name) from public;
grant execute on function pgops.key_column(regclass, name) to pgops_monitor;
