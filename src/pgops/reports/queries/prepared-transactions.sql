-- Transactions that were prepared (PREPARE TRANSACTION) and neither committed nor rolled back.
-- scope: cluster
-- column name: name that COMMIT PREPARED and ROLLBACK PREPARED take
-- column database: where that has to be said
-- column owner: role that prepared it
-- column prepared_at: when (UTC)
-- column age_s: seconds since then
-- column locks: locks that it holds
-- column waiting_for_it: sessions that wait for one of them
-- column holds_back_transactions: transactions begun since, whose dead rows VACUUM must keep
-- good: none, or of some seconds while a transaction manager is at work.
-- bad: older than minutes: locks and dead rows stay, over restarts, too.
-- do: runbook forgotten-prepared-transaction: ask the transaction manager, then COMMIT PREPARED or ROLLBACK PREPARED in that database.
with held as (
    -- All locks of a prepared transaction bear the virtual number that its lock on its own number bears.
    select own.transactionid as transaction, l.*
    from pg_locks as own
    join pg_locks as l on l.pid is null and l.virtualtransaction = own.virtualtransaction
    where own.pid is null and own.locktype = 'transactionid' and own.granted
)

select
    p.gid as name,
    p.database,
    p.owner,
    to_char(p.prepared at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as prepared_at,
    round(extract(epoch from clock_timestamp() - p.prepared)::numeric, 1) as age_s,
    (select count(*) from held as h where h.transaction = p.transaction and h.locktype <> 'transactionid') as locks,
    (
        select count(distinct w.pid)
        from held as h
        join pg_locks as w on (w.locktype, w.database, w.relation, w.transactionid)
            is not distinct from (h.locktype, h.database, h.relation, h.transactionid)
        where h.transaction = p.transaction and not w.granted
    ) as waiting_for_it,
    age(p.transaction) as holds_back_transactions
from pg_prepared_xacts as p
order by p.prepared, p.gid
