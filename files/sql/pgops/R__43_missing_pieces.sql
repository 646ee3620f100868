create or replace function pgops.missing_pieces(
    parent regclass,
    pieces pgops.partition_piece[],
    not_before text default null
) returns table (piece pgops.partition_piece, problem text, beside text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    case (pgops.partition_key(parent)).strategy
        when 'range' then
            return query select m.* from pgops.missing_range_pieces(parent, pieces, not_before) as m;
        when 'list' then
            return query select m.* from pgops.missing_list_pieces(parent, pieces) as m;
        else
            return query select m.* from pgops.missing_hash_pieces(parent, pieces) as m;
    end case;
end
$$;

comment on function pgops.missing_pieces(regclass, pgops.partition_piece[], text) is
    'Which of the wanted partitions of a table are not there, by its strategy: pgops.missing_range_pieces(), '
    'pgops.missing_list_pieces(), pgops.missing_hash_pieces(). Errors and locks: as there.';

revoke all on function pgops.missing_pieces(regclass, pgops.partition_piece[], text) from public;
grant execute on function pgops.missing_pieces(regclass, pgops.partition_piece[], text) to pgops_monitor;
