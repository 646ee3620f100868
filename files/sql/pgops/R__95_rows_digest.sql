create or replace function pgops.rows_digest(relation regclass, from_what text, condition text, columns text default null) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    all_columns text := coalesce(columns, pgops.readable_columns(relation));
    row_hash text := format('hash_record_extended(row(%s), 0)', all_columns);
begin
    begin
        perform pgops.value_as_owner(relation, format('select hash_record_extended(row(%s), 0) from (select (null::%s).*) as r',
            all_columns, relation));
    exception
        when undefined_function then
            row_hash := format('hashtextextended(row(%s)::text, 0)', all_columns);
    end;
    return format('(select (count(*), coalesce(sum(%s::numeric), 0))::text from %s where %s)', row_hash, from_what, condition);
end
$$;

comment on function pgops.rows_digest(regclass, text, text, text) is
    'A subquery, text, whose value is number and checksum of rows: the sum of their hashes, which knows no order. Rows '
    'with a type that has no hash are hashed as text. relation: whose columns count; from_what: a table or subquery with '
    'the alias r; columns: others instead, separated by commas. Errors: as pgops.become_owner().';

revoke all on function pgops.rows_digest(regclass, text, text, text) from public;
grant execute on function pgops.rows_digest(regclass, text, text, text) to pgops_operator;
