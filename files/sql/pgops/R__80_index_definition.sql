create or replace function pgops.index_definition(index regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- What pg_get_indexdef() puts first names the index and its table, and only there.
    select
        substr(
            pg_get_indexdef(i.indexrelid),
            1 + length(format(
                'CREATE %sINDEX %s ON %s%s ',
                case when i.indisunique then 'UNIQUE ' end,
                quote_ident(c.relname),
                case c.relkind when 'I' then 'ONLY ' end,
                i.indrelid::regclass
            ))
        )
    from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    where i.indexrelid = index;
end;

comment on function pgops.index_definition(regclass) is
    'The definition of an index from its access method on (USING ..), without its name and that of its table: two tables '
    'have the same index when these are equal.';

revoke all on function pgops.index_definition(regclass) from public;
grant execute on function pgops.index_definition(regclass) to pgops_operator;
