create or replace function pgops.plan_interrupted_detach(parent regclass) returns setof pgops.partition_step
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        'finalize_detach',
        format('%s.%I', c.relnamespace::regnamespace, c.relname),
        b.lower_bound,
        b.upper_bound,
        null::bigint,
        pgops.step_locks_in_words(parent, 'finalize_detach', b.partition),
        format('finish the interrupted DETACH CONCURRENTLY of %s', b.partition),
        (select format('%s.%I', p.relnamespace::regnamespace, p.relname) from pg_class as p where p.oid = parent),
        b.bound,
        null::jsonb
    from pgops.existing_partitions(parent) as b
    join pg_class as c on c.oid = b.partition
    where b.detach_pending;
end;

comment on function pgops.plan_interrupted_detach(regclass) is
    'The steps that finish a DETACH CONCURRENTLY which was interrupted: until then the partition''s rows are not seen and '
    'its range takes none. Reads the catalogue only.';

revoke all on function pgops.plan_interrupted_detach(regclass) from public;
grant execute on function pgops.plan_interrupted_detach(regclass) to pgops_operator;
