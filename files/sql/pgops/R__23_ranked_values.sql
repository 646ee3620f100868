create or replace function pgops.ranked_values(
    pieces pgops.partition_piece[],
    key_type regtype,
    type_name text,
    collation_name text
) returns table (piece_number bigint, value text, rank integer)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with given as materialized (
        select p.piece_number, v.value
        from unnest(pieces) with ordinality as p (
            partition_name, lower_bound, upper_bound, list_values, modulus, remainder, row_count, piece_number
        )
        cross join lateral unnest(p.list_values) as v (value)
    )

    select g.piece_number, coalesce(r.canonical, g.value), coalesce(r.rank, 0)
    from given as g
    left join pgops.rank_values((select array_agg(a.value) from given as a), key_type, type_name, collation_name) as r
        on r.value = g.value;
end;

comment on function pgops.ranked_values(pgops.partition_piece[], regtype, text, text) is
    'The values of LIST partitions, by their number in the array, in one spelling and with a number that is the same for '
    'equal values (pgops.rank_values()): 0 for NULL. Errors: as there.';

revoke all on function pgops.ranked_values(pgops.partition_piece[], regtype, text, text) from public;
grant execute on function pgops.ranked_values(pgops.partition_piece[], regtype, text, text) to pgops_monitor;
