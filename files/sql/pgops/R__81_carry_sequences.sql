create or replace function pgops.carry_sequences(source regclass, keeper regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        format(
            'alter sequence %s owned by %s',
            d.objid::regclass,
            case when q.relnamespace = k.relnamespace then format('%s.%I', keeper, a.attname) else 'none' end
        )
    from pg_depend as d
    join pg_class as q on q.oid = d.objid and q.relkind = 'S'
    join pg_class as k on k.oid = keeper
    join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass
        and d.refclassid = 'pg_class'::regclass
        and d.refobjid = source
        and d.deptype = 'a'
    order by q.relname;
end;

comment on function pgops.carry_sequences(regclass, regclass) is
    'Commands by which the sequences that columns of a table own (serial) belong to those of another, so that they outlive '
    'the table; to none, where that stands in another schema, which the server refuses.';

revoke all on function pgops.carry_sequences(regclass, regclass) from public;
grant execute on function pgops.carry_sequences(regclass, regclass) to pgops_operator;
