create or replace function pgops.plan_retention(
    parent regclass,
    policy jsonb,
    not_before text
) returns setof pgops.partition_step
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.partition_key(parent);
    limiting pgops.partition_piece;
    default_partition text;
begin
    if not_before is null then
        return;
    end if;
    limiting.lower_bound := not_before;
    default_partition := pgops.coming_default_partition(parent, policy);
    return query
    with existing as materialized (
        select
            b.partition, b.bound, row_number() over () as number,
            row(null, b.lower_bound, b.upper_bound, null, null, null, null)::pgops.partition_piece as piece
        from pgops.existing_partitions(parent) as b
        where not b.is_default and not b.detach_pending
    ),
    ranked as materialized (
        select r.*
        from pgops.ranked_pieces(
            (select array_agg(e.piece order by e.number) from existing as e) || limiting,
            key.key_type, key.type_name, key.collation_name
        ) as r
    )
    select
        policy #>> '{retention,then}',
        format('%s.%I', c.relnamespace::regnamespace, c.relname),
        coalesce(r.lower_bound, 'MINVALUE'),
        r.upper_bound,
        nullif(greatest(c.reltuples, -1), -1)::bigint,
        pgops.step_locks_in_words(parent, policy #>> '{retention,then}', e.partition, default_partition),
        format('%s %s%s, all of it %s', policy #>> '{retention,then}', e.partition,
            ' into ' || (policy #>> '{retention,into}'),
            format(case when pgops.keeps_numbers(policy) then 'more than %s below the highest key' else 'older than %s' end,
                policy #>> '{retention,keep}')),
        (select format('%s.%I', p.relnamespace::regnamespace, p.relname) from pg_class as p where p.oid = parent),
        e.bound,
        null::jsonb
    from existing as e
    join pg_class as c on c.oid = e.partition
    join ranked as r on r.piece_number = e.number
    join ranked as l on l.piece_number = (select count(*) + 1 from existing)
    where r.upper_rank <= l.lower_rank
    order by r.upper_rank;
end
$$;

comment on function pgops.plan_retention(regclass, jsonb, text) is
    'The steps that detach, archive or drop partitions wholly below a key value (pgops.retention_bound(); null for no '
    'retention). Reads the catalogue only.';

revoke all on function pgops.plan_retention(regclass, jsonb, text) from public;
grant execute on function pgops.plan_retention(regclass, jsonb, text) to pgops_operator;
