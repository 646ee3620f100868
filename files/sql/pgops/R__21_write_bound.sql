create or replace function pgops.write_bound(piece pgops.partition_piece) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
return case
    when piece.modulus is not null then format('FOR VALUES WITH (modulus %s, remainder %s)', piece.modulus, piece.remainder)
    when piece.list_values is not null then format('FOR VALUES IN (%s)', (
        select string_agg(coalesce(pgops.bound_item(v.value), 'NULL'), ', ' order by v.position)
        from unnest(piece.list_values) with ordinality as v (value, position)
    ))
    else format('FOR VALUES FROM (%s) TO (%s)', coalesce(pgops.bound_item(piece.lower_bound), 'MINVALUE'),
        coalesce(pgops.bound_item(piece.upper_bound), 'MAXVALUE'))
end;

comment on function pgops.write_bound(pgops.partition_piece) is
    'The bound of a partition for ATTACH PARTITION, where standard_conforming_strings is on; the inverse of '
    'pgops.read_bound().';

revoke all on function pgops.write_bound(pgops.partition_piece) from public;
grant execute on function pgops.write_bound(pgops.partition_piece) to pgops_monitor;
