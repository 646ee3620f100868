create or replace function pgops.carry_storage(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('alter table %s set access method %I', target, m.amname)
    from pg_class as s
    join pg_class as t on t.oid = target and t.relkind = 'r'
    join pg_am as m on m.oid = s.relam
    where s.oid = source and s.relkind = 'r' and s.relam <> t.relam
    union all
    select format('alter table %s set tablespace %I', target, coalesce(p.spcname, 'pg_default'))
    from pg_class as s
    join pg_class as t on t.oid = target
    left join pg_tablespace as p on p.oid = s.reltablespace
    where s.oid = source and s.relkind = 'r' and s.reltablespace <> t.reltablespace
    union all
    select format('alter table %s set %s', target, case s.relpersistence when 'u' then 'unlogged' else 'logged' end)
    from pg_class as s
    join pg_class as t on t.oid = target and t.relkind = 'r'
    where s.oid = source and s.relkind = 'r' and s.relpersistence <> t.relpersistence
    union all
    select format('alter table %s set (%s%I = %L)', target, p.prefix, o.option_name, o.option_value)
    from pg_class as s
    join pg_class as t on t.oid = target and t.relkind = 'r'
    left join pg_class as w on w.oid = s.reltoastrelid
    cross join lateral (values ('', s.reloptions), ('toast.', w.reloptions)) as p (prefix, options)
    cross join pg_options_to_table(p.options) as o
    where s.oid = source and s.relkind = 'r';
end;

comment on function pgops.carry_storage(regclass, regclass) is
    'Commands that give a new table the access method, tablespace, persistence and storage parameters (of its TOAST table, '
    'too) of another. Cheap while it is empty.';

revoke all on function pgops.carry_storage(regclass, regclass) from public;
grant execute on function pgops.carry_storage(regclass, regclass) to pgops_operator;
