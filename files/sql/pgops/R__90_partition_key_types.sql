create or replace function pgops.partition_key_types(relation regclass) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key_column record;
    expressions text[] := pgops.partition_key_expressions(relation);
    expressions_seen integer := 0;
    types text[] := '{}';
begin
    for key_column in
        select a.attname, format_type(a.atttypid, a.atttypmod) as type_name, k.position
        from pg_partitioned_table as p
        cross join unnest(p.partattrs::int2[]) with ordinality as k (attnum, position)
        left join pg_attribute as a on a.attrelid = p.partrelid and a.attnum = k.attnum and k.attnum <> 0
        where p.partrelid = relation
        order by k.position
    loop
        if key_column.attname is null then
            expressions_seen := expressions_seen + 1;
            types := types || pgops.value_as_owner(relation, format(
                'select format_type(pg_typeof(%s), null) from (select (null::%s).*) as t',
                expressions[expressions_seen], relation));
        else
            types := types || key_column.type_name;
        end if;
    end loop;
    return types;
end
$$;

comment on function pgops.partition_key_types(regclass) is
    'Types of the columns and expressions that a table is partitioned by, in order; empty for a table that is not '
    'partitioned.';

revoke all on function pgops.partition_key_types(regclass) from public;
grant execute on function pgops.partition_key_types(regclass) to pgops_operator;
