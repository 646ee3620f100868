create or replace function pgops.missing_hash_pieces(
    parent regclass,
    pieces pgops.partition_piece[]
) returns table (piece pgops.partition_piece, problem text, beside text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with existing as materialized (
        select e.* from unnest(pgops.existing_pieces(parent)) as e
    )

    select
        row(p.partition_name, null, null, null, p.modulus, p.remainder, null)::pgops.partition_piece,
        case
            when o.in_the_way is not null then
                format('its rows belong to %s; the operation convert of pgops.operation_apply() changes the modulus', o.in_the_way)
            when o.unfit is not null then
                format('its modulus does not go with %s: one of two must be a multiple of the other', o.unfit)
        end,
        null::text
    from unnest(pieces) with ordinality as p (
        partition_name, lower_bound, upper_bound, list_values, modulus, remainder, row_count, number
    )
    cross join lateral (
        select
            -- Remainders of two moduli meet where they are the same modulo what both are multiples of.
            string_agg(w.words, ', ' order by w.words) filter (where w.meet) as in_the_way,
            min(w.words) filter (where not w.fit) as unfit
        from (
            select
                format('%s (modulus %s, remainder %s)', e.partition_name, e.modulus, e.remainder) as words,
                (e.remainder - p.remainder) % gcd(e.modulus, p.modulus) = 0 as meet,
                greatest(e.modulus, p.modulus) % least(e.modulus, p.modulus) = 0 as fit
            from existing as e
        ) as w
    ) as o
    where not exists (select from existing as e where e.modulus = p.modulus and e.remainder = p.remainder)
    order by p.number;
end;

comment on function pgops.missing_hash_pieces(regclass, pgops.partition_piece[]) is
    'Which of the wanted HASH partitions are not there. problem: why one cannot be made, since partitions of another '
    'modulus have its rows or do not go with it; null where it can. beside: null. '
    'Errors and locks: as pgops.existing_partitions().';

revoke all on function pgops.missing_hash_pieces(regclass, pgops.partition_piece[]) from public;
grant execute on function pgops.missing_hash_pieces(regclass, pgops.partition_piece[]) to pgops_monitor;
