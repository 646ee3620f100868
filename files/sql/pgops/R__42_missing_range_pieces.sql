create or replace function pgops.missing_range_pieces(
    parent regclass,
    pieces pgops.partition_piece[],
    not_before text default null
) returns table (piece pgops.partition_piece, problem text, beside text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.partition_key(parent);
    existing pgops.partition_piece[] := pgops.existing_pieces(parent);
    schema_name text := (select c.relnamespace::regnamespace::text from pg_class as c where c.oid = parent);
    limiting pgops.partition_piece;
begin
    limiting.lower_bound := not_before;
    return query
    with ranked as materialized (
        select r.*
        from pgops.ranked_pieces(existing || pieces || limiting, key.key_type, key.type_name, key.collation_name) as r
    ),
    spellings as materialized (
        select r.lower_rank as rank, r.lower_bound as bound from ranked as r
        union
        select r.upper_rank, r.upper_bound from ranked as r
    ),
    taken as materialized (
        select
            e.partition_name, int4range(r.lower_rank, r.upper_rank) as ranks,
            format('%s (from %s up to %s)', e.partition_name, coalesce(r.lower_bound, 'MINVALUE'),
                coalesce(r.upper_bound, 'MAXVALUE')) as words
        from unnest(existing) with ordinality as e (
            partition_name, lower_bound, upper_bound, list_values, modulus, remainder, row_count, number
        )
        join ranked as r on r.piece_number = e.number
    ),
    missing as materialized (
        select p.partition_name, p.row_count, int4range(r.lower_rank, r.upper_rank) as ranks
        from unnest(pieces) with ordinality as p (
            partition_name, lower_bound, upper_bound, list_values, modulus, remainder, row_count, number
        )
        join ranked as r on r.piece_number = cardinality(existing) + p.number
        join ranked as l on l.piece_number = cardinality(existing) + cardinality(pieces) + 1
        where r.lower_rank < r.upper_rank
            and (l.lower_rank = 0 or r.upper_rank > l.lower_rank)
            and not exists (select from taken as t where t.ranks = int4range(r.lower_rank, r.upper_rank))
    ),
    compared as materialized (
        select
            m.*, o.in_the_way, o.is_there,
            int4multirange(m.ranks) - coalesce(o.taken, '{}') as gaps
        from missing as m
        cross join lateral (
            select
                range_agg(t.ranks) as taken,
                -- The one that lies within it: of its bounds, or of what others left of it; by name, where they lie within, too.
                count(*) filter (where t.ranks <@ m.ranks) = 1
                    or bool_or(t.ranks <@ m.ranks and t.partition_name = format('%s.%I', schema_name, m.partition_name))
                    as is_there,
                (array_agg(t.words order by t.ranks))[1] || case count(*)
                    when 1 then ''
                    when 2 then ' and another partition'
                    else format(' and %s other partitions', count(*) - 1)
                end as in_the_way
            from taken as t
            where t.ranks && m.ranks
        ) as o
    )
    select
        row(o.partition_name, l.bound, u.bound, null, null, null, o.row_count)::pgops.partition_piece,
        case
            when isempty(o.gaps) then
                format('its rows belong to %s; detach what is in the way to have it made', o.in_the_way)
            when (select count(*) from unnest(o.gaps)) > 1 then
                format('parts of it belong to %s and leave gaps %s; make partitions for the gaps by hand', o.in_the_way, (
                    select string_agg(pgops.piece_words(
                        row(null, lower_word.bound, upper_word.bound, null, null, null, null)::pgops.partition_piece
                    ), ', ' order by g.gap)
                    from unnest(o.gaps) as g (gap)
                    join spellings as lower_word on lower_word.rank = lower(g.gap)
                    join spellings as upper_word on upper_word.rank = upper(g.gap)
                ))
        end,
        o.in_the_way
    from compared as o
    join spellings as l on l.rank = lower(case when isempty(o.gaps) then o.ranks else range_merge(o.gaps) end)
    join spellings as u on u.rank = upper(case when isempty(o.gaps) then o.ranks else range_merge(o.gaps) end)
    where not (isempty(o.gaps) and o.is_there)
    order by o.ranks;
end
$$;

comment on function pgops.missing_range_pieces(regclass, pgops.partition_piece[], text) is
    'Which of the wanted RANGE partitions are not there, but those wholly before a key value (not_before), in the order of '
    'their bounds. One that others cover in part is returned with the bounds of the rest; beside: what those are. problem: '
    'why it cannot be made, null where it can. Errors and locks: as pgops.existing_partitions().';

revoke all on function pgops.missing_range_pieces(regclass, pgops.partition_piece[], text) from public;
grant execute on function pgops.missing_range_pieces(regclass, pgops.partition_piece[], text) to pgops_monitor;
