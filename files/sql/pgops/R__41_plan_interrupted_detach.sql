create or replace function pgops.plan_interrupted_detach(parent regclass) returns setof pgops.partition_step
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        'finalize_detach',
        format('%s.%I', c.relnamespace::regnamespace, c.relname),
        pgops.bound_literal(p.lower_bound, k.key_type),
        pgops.bound_literal(p.upper_bound, k.key_type),
        null::bigint,
        format('SHARE UPDATE EXCLUSIVE on %s, ACCESS EXCLUSIVE on %s', parent, p.partition),
        format('finish the interrupted DETACH CONCURRENTLY of %s', p.partition)
    from pgops.range_key(parent) as k
    cross join pgops.partitions(parent) as p
    join pg_class as c on c.oid = p.partition
    where p.detach_pending;
end;

comment on function pgops.plan_interrupted_detach(regclass) is
    'The steps that finish a DETACH CONCURRENTLY which was interrupted: until then the partition''s rows are not seen and '
    'its range takes none. Reads the catalogue only.';

revoke all on function pgops.plan_interrupted_detach(regclass) from public;
grant execute on function pgops.plan_interrupted_detach(regclass) to pgops_operator;
