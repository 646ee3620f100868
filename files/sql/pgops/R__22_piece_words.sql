create or replace function pgops.piece_words(piece pgops.partition_piece) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
return case
    when piece.modulus is not null then format('modulus %s, remainder %s', piece.modulus, piece.remainder)
    when piece.list_values is not null then 'in (' || (
        select string_agg(quote_nullable(v.value), ', ' order by v.position)
        from unnest(piece.list_values) with ordinality as v (value, position)
    ) || ')'
    else format('from %s up to %s', coalesce(piece.lower_bound, 'MINVALUE'), coalesce(piece.upper_bound, 'MAXVALUE'))
end;

comment on function pgops.piece_words(pgops.partition_piece) is 'The bounds of a partition in words, for messages.';

revoke all on function pgops.piece_words(pgops.partition_piece) from public;
grant execute on function pgops.piece_words(pgops.partition_piece) to pgops_monitor;
