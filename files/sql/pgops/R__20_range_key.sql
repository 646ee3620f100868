create or replace function pgops.range_key(parent regclass, out column_name name, out key_type regtype)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    strategy "char";
    columns int2vector;
begin
    select p.partstrat, p.partattrs into strategy, columns from pg_partitioned_table as p where p.partrelid = parent;
    if not found then
        raise exception '% is not a partitioned table', coalesce(parent::text, 'null')
            using errcode = 'wrong_object_type',
                hint = 'A partition policy needs a table made with PARTITION BY RANGE (column).';
    end if;
    if strategy <> 'r' or cardinality(columns::int2[]) <> 1 then
        raise exception '% is partitioned by %; accepted: RANGE on one column', parent, pg_get_partkeydef(parent)
            using errcode = 'feature_not_supported';
    end if;
    -- Attribute number 0, an expression, joins nothing.
    select a.attname, a.atttypid into column_name, key_type from pg_attribute as a
    where a.attrelid = parent and a.attnum = columns[0];
    if key_type is null or key_type not in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype) then
        raise exception '% is partitioned by %; accepted: RANGE on one column of type date, timestamp or timestamptz',
            parent, pg_get_partkeydef(parent) || coalesce(' of type ' || key_type::text, '')
            using errcode = 'feature_not_supported';
    end if;
end
$$;

comment on function pgops.range_key(regclass) is
    'Column and type of the key of a table partitioned by RANGE on time. '
    'Errors: 42809 not a partitioned table, 0A000 another strategy, several columns, an expression, another type.';

revoke all on function pgops.range_key(regclass) from public;
grant execute on function pgops.range_key(regclass) to pgops_monitor;
