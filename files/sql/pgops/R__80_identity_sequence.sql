create or replace function pgops.identity_sequence(relation regclass, column_name name) returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select d.objid::regclass
    from pg_attribute as a
    join pg_depend as d
        on d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum
            and d.classid = 'pg_class'::regclass and d.deptype = 'i'
    join pg_class as c on c.oid = d.objid and c.relkind = 'S'
    where a.attrelid = relation and a.attname = column_name and a.attidentity <> '';
end;

comment on function pgops.identity_sequence(regclass, name) is
    'The sequence of an identity column, null for none. Unlike pg_get_serial_sequence() it needs no right on the schema.';

revoke all on function pgops.identity_sequence(regclass, name) from public;
grant execute on function pgops.identity_sequence(regclass, name) to pgops_operator;
