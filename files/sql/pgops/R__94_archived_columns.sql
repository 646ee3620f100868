create or replace function pgops.archived_columns(relation regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped;
end;

comment on function pgops.archived_columns(regclass) is
    'All columns of a table, generated ones too, quoted and separated by commas: an archive has plain columns for their values.';

revoke all on function pgops.archived_columns(regclass) from public;
grant execute on function pgops.archived_columns(regclass) to pgops_operator;
