create or replace function pgops.bound_is_taken(step pgops.partition_step) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select not exists (
        select from pgops.missing_pieces(
            pgops.find_relation(step.parent_name), array[pgops.read_bound(step.bound)]
        ) as m
        where m.problem is null
            and pgops.write_bound(m.piece) = pgops.write_bound(pgops.read_bound(step.bound))
    );
end;

comment on function pgops.bound_is_taken(pgops.partition_step) is
    'Whether other partitions now have what a planned one was to have, all of it or a part. Reads the catalogue only.';

revoke all on function pgops.bound_is_taken(pgops.partition_step) from public;
grant execute on function pgops.bound_is_taken(pgops.partition_step) to pgops_operator;
