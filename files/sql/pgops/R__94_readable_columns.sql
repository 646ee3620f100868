create or replace function pgops.readable_columns(relation regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum)
    from pg_attribute as a
    where a.attrelid = relation and a.attnum > 0 and not a.attisdropped and a.attgenerated in ('', 's');
end;

comment on function pgops.readable_columns(regclass) is
    'The columns of a table whose values are stored, generated ones too, quoted and separated by commas.';

revoke all on function pgops.readable_columns(regclass) from public;
grant execute on function pgops.readable_columns(regclass) to pgops_operator;
