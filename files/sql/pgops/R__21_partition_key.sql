create or replace function pgops.partition_key(
    parent regclass,
    out strategy text,
    out column_name name,
    out key_type regtype,
    out type_name text,
    out collation_name text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record;
    key_column record;
begin
    select
        case p.partstrat when 'r' then 'range' when 'l' then 'list' when 'h' then 'hash' end as strategy,
        p.partnatts as columns, p.partattrs[0] as number, a.attname, o.opcdefault,
        p.partcollation[0] in (0, a.attcollation) as same_collation
    into key
    from pg_partitioned_table as p
    left join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = p.partattrs[0]
    left join pg_opclass as o on o.oid = p.partclass[0]
    where p.partrelid = parent;
    if not found then
        raise exception '% is not a partitioned table', coalesce(parent::text, 'null')
            using errcode = 'wrong_object_type',
                hint = 'A partition policy needs a table made with PARTITION BY RANGE, LIST or HASH (column).';
    end if;
    if key.columns <> 1 or key.number = 0 then
        raise exception '% is partitioned by %; accepted: RANGE, LIST or HASH on one column, no expression',
            parent, pg_get_partkeydef(parent) using errcode = 'feature_not_supported';
    end if;
    if not (key.opcdefault and key.same_collation) then
        raise exception '% is partitioned by %; accepted: operator class and collation of the column itself',
            parent, pg_get_partkeydef(parent) using errcode = 'feature_not_supported';
    end if;
    strategy := key.strategy;
    column_name := key.attname;
    key_column := pgops.key_column(parent, column_name);
    key_type := key_column.key_type;
    type_name := key_column.type_name;
    collation_name := key_column.collation_name;
end
$$;

comment on function pgops.partition_key(regclass) is
    'Strategy (range, list, hash) and key of a partitioned table; type and collation as pgops.key_column(). '
    'Errors: 42809 not a partitioned table, 0A000 several columns, an expression, or another operator class or collation '
    'than the column''s.';

revoke all on function pgops.partition_key(regclass) from public;
grant execute on function pgops.partition_key(regclass) to pgops_monitor;
