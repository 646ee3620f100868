create or replace function pgops.ranked_pieces(
    pieces pgops.partition_piece[],
    key_type regtype,
    type_name text,
    collation_name text
) returns table (piece_number bigint, lower_bound text, upper_bound text, lower_rank integer, upper_rank integer)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with given as materialized (
        select p.lower_bound, p.upper_bound, p.piece_number
        from unnest(pieces) with ordinality as p (
            partition_name, lower_bound, upper_bound, list_values, modulus, remainder, row_count, piece_number
        )
    ),

    ranks as materialized (
        select r.value, r.canonical, r.rank
        from pgops.rank_values(
            (select array_agg(g.lower_bound) || array_agg(g.upper_bound) from given as g),
            key_type, type_name, collation_name
        ) as r
    )

    select
        g.piece_number, l.canonical as lower_bound, u.canonical as upper_bound, coalesce(l.rank, 0), coalesce(u.rank, 2147483647)
    from given as g
    left join ranks as l on l.value = g.lower_bound
    left join ranks as u on u.value = g.upper_bound;
end;

comment on function pgops.ranked_pieces(pgops.partition_piece[], regtype, text, text) is
    'The bounds of RANGE partitions, by their number in the array, in one spelling and as whole numbers that compare like '
    'them (pgops.rank_values()): 0 for MINVALUE, 2147483647 for MAXVALUE. Errors: as there.';

revoke all on function pgops.ranked_pieces(pgops.partition_piece[], regtype, text, text) from public;
grant execute on function pgops.ranked_pieces(pgops.partition_piece[], regtype, text, text) to pgops_monitor;
