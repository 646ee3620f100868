create or replace function pgops.carry_columns(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('alter table %s alter column %I %s', target, t.attname, p.clause)
    from pg_attribute as s
    join pg_attribute as t on t.attrelid = target and t.attname = s.attname and not t.attisdropped
    cross join lateral (values
        (case when s.attstattarget >= 0 then 'set statistics ' || s.attstattarget end),
        ('set (' || array_to_string(s.attoptions, ', ') || ')'),
        (case when s.attstorage <> t.attstorage then 'set storage ' || case s.attstorage
            when 'p' then 'plain' when 'e' then 'external' when 'm' then 'main' else 'extended' end end),
        (case when s.attcompression <> t.attcompression then 'set compression ' || case s.attcompression
            when 'p' then 'pglz' when 'l' then 'lz4' else 'default' end end)
    ) as p (clause)
    where s.attrelid = source and s.attnum > 0 and not s.attisdropped and p.clause is not null
    order by s.attnum;
end;

comment on function pgops.carry_columns(regclass, regclass) is
    'Commands that give the columns of a new table the statistics targets, options, storage and compression of another''s.';

revoke all on function pgops.carry_columns(regclass, regclass) from public;
grant execute on function pgops.carry_columns(regclass, regclass) to pgops_operator;
