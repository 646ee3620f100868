-- How far databases and their oldest tables are from running out of transaction numbers.
-- scope: database
-- column level: database, or table of this one
-- column name: which
-- column kind: transactions, or multixacts (rows locked by several)
-- column age: numbers used since its oldest one
-- column freeze_percent: of autovacuum_freeze_max_age, at which VACUUM against wraparound begins by itself
-- column stop_percent: of what there is, until the server takes no more writes
-- good: freeze_percent below 100, or not much above it for a short time.
-- bad: freeze_percent of several hundred; stop_percent above 50: the VACUUM does not get through.
-- do: runbook transaction-wraparound: end what holds the horizon back, then VACUUM (FREEZE) the oldest tables.
with ages as (
    select 'database' as level, datname::text as name, age(datfrozenxid) as xids, mxid_age(datminmxid) as multixacts from pg_database
    union all
    (
        select 'table', oid::regclass::text, age(relfrozenxid), mxid_age(relminmxid)
        from pg_class
        where relkind in ('r', 'm', 't')
        order by age(relfrozenxid) desc, oid
        limit 20
    )
)

select
    a.level,
    a.name,
    k.kind,
    k.age,
    round(100.0 * k.age / k.limit_of_freeze, 1) as freeze_percent,
    -- The server stops 3 million numbers before the horizon of 2^31.
    round(100.0 * k.age / (2147483648 - 3000000), 1) as stop_percent
from ages as a
cross join lateral (
    values
    ('transactions', a.xids, current_setting('autovacuum_freeze_max_age')::numeric),
    ('multixacts', a.multixacts, current_setting('autovacuum_multixact_freeze_max_age')::numeric)
) as k (kind, age, limit_of_freeze)
where a.level = 'database' or k.kind = 'transactions'
order by a.level asc, k.age desc, a.name asc, k.kind asc
