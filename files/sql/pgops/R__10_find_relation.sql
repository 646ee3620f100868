create or replace function pgops.find_relation(qualified_name text) returns regclass
language sql
stable
strict
set search_path = pg_catalog, pg_temp
begin atomic
    select c.oid::regclass
    from pg_class as c
    join pg_namespace as n on n.oid = c.relnamespace
    where array[n.nspname, c.relname]::text[] = parse_ident(qualified_name);
end;

comment on function pgops.find_relation(text) is
    'The relation of a quoted name with schema, null for none. Unlike to_regclass() it needs no right on the schema: a '
    'caller who may become the owner of a table need not have any other. Errors: 22023 no such identifier.';

revoke all on function pgops.find_relation(text) from public;
grant execute on function pgops.find_relation(text) to pgops_operator;
