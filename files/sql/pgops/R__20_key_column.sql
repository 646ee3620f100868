create or replace function pgops.key_column(
    relation regclass,
    column_name name,
    out key_type regtype,
    out type_name text,
    out collation_name text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    found_column record;
    base record;
begin
    select a.atttypid as type, a.atttypmod as modifier, a.attcollation as collation
    into found_column
    from pg_attribute as a
    where a.attrelid = relation and a.attname = key_column.column_name and a.attnum > 0 and not a.attisdropped;
    if not found then
        return;
    end if;
    loop
        select t.typbasetype, t.typtypmod into base from pg_type as t where t.oid = found_column.type and t.typtype = 'd';
        exit when not found;
        found_column.type := base.typbasetype;
        found_column.modifier := base.typtypmod;
    end loop;
    key_type := found_column.type;
    type_name := format_type(found_column.type, found_column.modifier);
    collation_name := (
        select format('%s.%I', l.collnamespace::regnamespace, l.collname) from pg_collation as l where l.oid = found_column.collation
    );
end
$$;

comment on function pgops.key_column(regclass, name) is
    'Type, type with its modifier, and collation (null for none) of a column that is or shall be a partition key; the '
    'type beneath, where it is a domain. Nulls for no such column.';

revoke all on function pgops.key_column(regclass, name) from public;
grant execute on function pgops.key_column(regclass, name) to pgops_monitor;
