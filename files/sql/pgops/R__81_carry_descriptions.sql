create or replace function pgops.carry_descriptions(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('comment on table %s is %L', target, obj_description(source, 'pg_class'))
    where obj_description(source, 'pg_class') is distinct from obj_description(target, 'pg_class')
    union all
    select format('comment on column %s.%I is %L', target, a.attname, col_description(source, a.attnum))
    from pg_attribute as a
    join pg_attribute as t on t.attrelid = target and t.attname = a.attname and not t.attisdropped
    where a.attrelid = source
        and a.attnum > 0
        and not a.attisdropped
        and col_description(source, a.attnum) is distinct from col_description(target, t.attnum);
end;

comment on function pgops.carry_descriptions(regclass, regclass) is
    'Commands that give a new table and its columns the comments of another.';

revoke all on function pgops.carry_descriptions(regclass, regclass) from public;
grant execute on function pgops.carry_descriptions(regclass, regclass) to pgops_operator;
