create or replace function pgops.missing_list_pieces(
    parent regclass,
    pieces pgops.partition_piece[]
) returns table (piece pgops.partition_piece, problem text, beside text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.partition_key(parent);
    existing pgops.partition_piece[] := pgops.existing_pieces(parent);
    there constant integer := cardinality(existing);
begin
    return query
    with ranked as materialized (
        select r.*
        from pgops.ranked_values(existing || pieces, key.key_type, key.type_name, key.collation_name) as r
    ),
    sets as materialized (
        select
            r.piece_number,
            array_agg(r.rank order by r.rank) as ranks,
            array_agg(r.value order by r.rank = 0, r.rank) as spellings
        from ranked as r
        group by r.piece_number
    ),
    missing as materialized (
        select s.piece_number, s.ranks, s.spellings
        from sets as s
        where s.piece_number > there
            and not exists (select from sets as e where e.piece_number <= there and e.ranks = s.ranks)
    ),
    conflicts as (
        select m.piece_number, string_agg(t.words, ', ' order by t.words) as words
        from missing as m
        cross join lateral (
            select format('%s by %s (%s)', string_agg(quote_nullable(r.value), ', ' order by r.rank = 0, r.rank),
                (existing[r.piece_number]).partition_name, pgops.piece_words(existing[r.piece_number])) as words
            from ranked as r
            where r.piece_number <= there and r.rank = any (m.ranks)
            group by r.piece_number
        ) as t
        group by m.piece_number
    )
    select
        row((pieces[m.piece_number - there]).partition_name, null, null, m.spellings, null, null, null)
            ::pgops.partition_piece,
        case when c.words is not null then
            format('its values are taken: %s; the operations add, split and merge of pgops.operation_apply() move values '
                'between partitions', c.words)
        end,
        null::text
    from missing as m
    left join conflicts as c on c.piece_number = m.piece_number
    order by m.piece_number;
end
$$;

comment on function pgops.missing_list_pieces(regclass, pgops.partition_piece[]) is
    'Which of the wanted LIST partitions are not there: none takes just their values, in whatever order or spelling. '
    'problem: why one cannot be made, since others have values of it; null where it can. beside: null. '
    'Errors and locks: as pgops.existing_partitions().';

revoke all on function pgops.missing_list_pieces(regclass, pgops.partition_piece[]) from public;
grant execute on function pgops.missing_list_pieces(regclass, pgops.partition_piece[]) to pgops_monitor;
