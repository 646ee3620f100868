create or replace function pgops.identity_commands(source regclass, target regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('select setval(%L::regclass, s.last_value, s.is_called) from %s as s',
        pg_get_serial_sequence(target::text, a.attname), pg_get_serial_sequence(source::text, a.attname))
    from pg_attribute as a
    where a.attrelid = source
        and a.attidentity <> ''
        and not a.attisdropped
        and pg_get_serial_sequence(target::text, a.attname) is not null
    order by a.attnum;
end;

comment on function pgops.identity_commands(regclass, regclass) is
    'Commands that let the identity columns of a table go on where those of another have come to.';

revoke all on function pgops.identity_commands(regclass, regclass) from public;
grant execute on function pgops.identity_commands(regclass, regclass) to pgops_operator;
