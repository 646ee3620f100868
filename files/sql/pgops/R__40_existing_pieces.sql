create or replace function pgops.existing_pieces(parent regclass) returns pgops.partition_piece[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(
        row(b.partition, b.lower_bound, b.upper_bound, b.list_values, b.modulus, b.remainder, null)::pgops.partition_piece
    ), '{}')
    from pgops.existing_partitions(parent) as b
    where not b.is_default;
end;

comment on function pgops.existing_pieces(regclass) is
    'The partitions of a table but the default, in no order; partition_name as the server writes it, for messages. '
    'Errors and locks: as pgops.existing_partitions().';

revoke all on function pgops.existing_pieces(regclass) from public;
grant execute on function pgops.existing_pieces(regclass) to pgops_monitor;
