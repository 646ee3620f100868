create or replace function pgops.piece_condition(column_name name, piece pgops.partition_piece) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
return case
    when piece.list_values is not null then (
        select format('(%s)', concat_ws(' or ',
            format('%I in (', column_name) || string_agg(quote_literal(v.value), ', ') || ')',
            case when bool_or(v.value is null) then format('%I is null', column_name) end))
        from unnest(piece.list_values) as v (value)
    )
    else concat_ws(' and ', format('%I is not null', column_name),
        format('%I >= ', column_name) || quote_literal(piece.lower_bound),
        format('%I < ', column_name) || quote_literal(piece.upper_bound))
end;

comment on function pgops.piece_condition(name, pgops.partition_piece) is
    'The condition that the rows of a partition by RANGE or LIST meet, for a query of a table with the key''s column.';

revoke all on function pgops.piece_condition(name, pgops.partition_piece) from public;
grant execute on function pgops.piece_condition(name, pgops.partition_piece) to pgops_operator;
