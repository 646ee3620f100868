create or replace function pgops.find_relation(qualified_name text) returns regclass
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    parts name[] := parse_ident(qualified_name);
begin
    -- Name by name, so that the indexes of the catalogue serve.
    return (
        select c.oid
        from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace
        where n.nspname = parts[1] and c.relname = parts[2] and cardinality(parts) = 2
    );
end
$$;

comment on function pgops.find_relation(text) is
    'The relation of a quoted name with schema, null for none. Unlike to_regclass() it needs no right on the schema: a '
    'caller who may become the owner of a table need not have any other. Errors: 22023 no such identifier.';

revoke all on function pgops.find_relation(text) from public;
grant execute on function pgops.find_relation(text) to pgops_operator;
