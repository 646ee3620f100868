create or replace function pgops.switch_locks(
    method text,
    relation regclass,
    sources regclass[]
) returns table (locked regclass, lock_mode text, is_root boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select l.locked, l.lock_mode, l.number = 0
    from (
        select 0 as number, relation as locked, case
            when method <> 'attach' then 'access exclusive'
            when pgops.default_partition(relation) is null then 'share update exclusive'
            else 'share row exclusive'
        end as lock_mode
        union all
        select s.number, s.source, 'access exclusive' from unnest(sources) with ordinality as s (source, number)
        union all
        select 1000000, pgops.default_partition(relation), 'access exclusive'
        where pgops.default_partition(relation) is not null and pgops.default_partition(relation) <> all(sources)
        union all
        -- DETACH and ATTACH of tables with foreign keys, and keys to the whole table that are dropped and added again, which
        -- have triggers on each of its partitions.
        select 2000000, k.locked, k.lock_mode
        from pgops.switch_locks_for_keys(method, relation, sources) as k
        where k.locked <> relation and k.locked <> all(sources)
            and k.locked is distinct from pgops.default_partition(relation)
    ) as l
    order by l.number, l.locked::oid;
end;

comment on function pgops.switch_locks(text, regclass, regclass[]) is
    'What a switch locks, in the order in which it does: the partitioned table first, without its partitions, so that who '
    'comes later waits there and not in between.';

revoke all on function pgops.switch_locks(text, regclass, regclass[]) from public;
grant execute on function pgops.switch_locks(text, regclass, regclass[]) to pgops_operator;
