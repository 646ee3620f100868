-- Tables and what autovacuum has to do there, those first that are furthest beyond its threshold.
-- scope: database
-- column table: table or partition, with its schema
-- column rows: live rows, as counted by the statistics
-- column dead: dead rows
-- column dead_percent: of both
-- column due_percent: dead rows of the number at which autovacuum begins
-- column autovacuum: when it was done last by itself (UTC)
-- column vacuum: when it was done last by hand (UTC)
-- column analyze: when statistics were last gathered (UTC)
-- column changed: rows changed since then
-- column age_percent: age of its oldest row of autovacuum_freeze_max_age, at which a VACUUM against wraparound comes
-- column running: phase of a VACUUM under way, and how much of it is done
-- good: due_percent below 100, or a VACUUM running there; age_percent below 100.
-- bad: due_percent of several hundred that does not fall: VACUUM does not come, does not end, or may not remove the rows.
-- do: runbook runaway-autovacuum; reports idle-in-transaction, slots and prepared-transactions say what holds dead rows back. Lower
--     autovacuum_vacuum_scale_factor of large tables.
with options as (
    select
        c.oid,
        c.relname,
        c.relnamespace,
        c.reltuples,
        c.relfrozenxid,
        (select option_value from pg_options_to_table(c.reloptions) where option_name = 'autovacuum_vacuum_threshold') as threshold,
        (select option_value from pg_options_to_table(c.reloptions) where option_name = 'autovacuum_vacuum_scale_factor') as factor
    from pg_class as c
    where c.relkind in ('r', 'm') and c.relnamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
)

select
    format('%I.%I', s.schemaname, s.relname) as table,
    s.n_live_tup as rows,
    s.n_dead_tup as dead,
    round(100.0 * s.n_dead_tup / nullif(s.n_live_tup + s.n_dead_tup, 0), 1) as dead_percent,
    round((
        100 * s.n_dead_tup / nullif(
            coalesce(o.threshold, current_setting('autovacuum_vacuum_threshold'))::numeric
            + coalesce(o.factor, current_setting('autovacuum_vacuum_scale_factor'))::numeric * greatest(o.reltuples, 0)::numeric, 0
        )
    ), 0) as due_percent,
    to_char(s.last_autovacuum at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as autovacuum,
    to_char(s.last_vacuum at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as vacuum,
    to_char(greatest(s.last_analyze, s.last_autoanalyze) at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as analyze,
    s.n_mod_since_analyze as changed,
    round(100.0 * age(o.relfrozenxid) / current_setting('autovacuum_freeze_max_age')::numeric, 1) as age_percent,
    (
        select format('%s, %s of %s blocks', p.phase, p.heap_blks_scanned, p.heap_blks_total)
        from pg_stat_progress_vacuum as p
        where p.relid = o.oid
        limit 1
    ) as running
from pg_stat_user_tables as s
join options as o on o.oid = s.relid
order by due_percent desc nulls last, s.n_dead_tup desc, s.relid asc
limit 50
