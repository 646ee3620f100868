create or replace function pgops.narrow_keys(
    relation regclass,
    key_columns name[]
) returns table (index regclass, constraint_name name, constraint_type text, missing name[])
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select i.indexrelid::regclass, k.conname, k.contype::text, m.missing
    from pg_index as i
    left join pg_constraint as k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
    cross join lateral (
        select array_agg(c.name order by c.number) as missing
        from unnest(key_columns) with ordinality as c (name, number)
        where not exists (
            select from pg_attribute as a
            where a.attrelid = relation and a.attname = c.name
                and a.attnum = any((i.indkey::int2[])[0 : i.indnkeyatts - 1])
        )
    ) as m
    where i.indrelid = relation and (i.indisunique or i.indisexclusion) and m.missing is not null
    order by i.indisprimary desc, i.indexrelid::regclass::text;
end;

comment on function pgops.narrow_keys(regclass, name[]) is
    'Unique indexes and exclusion constraints of a table that do not contain all columns of a partition key, and which are '
    'missing: the server cannot keep them across partitions.';

revoke all on function pgops.narrow_keys(regclass, name[]) from public;
grant execute on function pgops.narrow_keys(regclass, name[]) to pgops_operator;
