create or replace function pgops.lock_holders(parent regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with tree as materialized (
        select t.relid from pg_partition_tree(parent) as t
    ),

    keyed as materialized (
        select unnest(array[k.conrelid, k.confrelid]) as relid
        from pg_constraint as k
        where k.contype = 'f' and (k.conrelid in (select t.relid from tree as t) or k.confrelid in (select t.relid from tree as t))
    ),

    waited_for as materialized (
        select t.relid from tree as t
        union
        select k.relid from keyed as k
        union
        select t.relid from keyed as k cross join pg_partition_tree(k.relid) as t
    )

    select string_agg(distinct format('process %s (%s, in its transaction since %s)', a.pid,
        coalesce(nullif(a.usename, ''), a.backend_type), a.xact_start), '; ')
    from pg_locks as l
    join pg_stat_activity as a on a.pid = l.pid
    where l.locktype = 'relation'
        and l.database = (select d.oid from pg_database as d where d.datname = current_database())
        and l.relation in (select w.relid from waited_for as w)
        and l.granted
        and l.pid <> pg_backend_pid();
end;

comment on function pgops.lock_holders(regclass) is
    'The sessions that hold locks on a table, its partitions, or tables that foreign keys of theirs lead to or come from, as one '
    'text; null for none. Start times of other roles'' transactions are seen by members of pg_read_all_stats only.';

revoke all on function pgops.lock_holders(regclass) from public;
grant execute on function pgops.lock_holders(regclass) to pgops_operator;
