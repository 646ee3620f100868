create or replace function pgops.stored_columns(relation regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
end;

comment on function pgops.stored_columns(regclass) is
    'The columns of a table but generated ones, quoted and separated by commas.';

revoke all on function pgops.stored_columns(regclass) from public;
grant execute on function pgops.stored_columns(regclass) to pgops_operator;
