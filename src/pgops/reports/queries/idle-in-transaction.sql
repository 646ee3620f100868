-- Sessions that have begun a transaction and do nothing in it, those first that have done so longest.
-- scope: cluster
-- column pid: process
-- column database: database
-- column role: role
-- column application: what the client calls itself
-- column client: its address; empty through the socket
-- column idle_s: seconds since its last statement ended
-- column transaction_s: seconds since its transaction began
-- column locks: locks on tables and rows that it holds
-- column waiting_for_it: sessions that wait for it
-- column holds_back_transactions: transactions begun since then, whose dead rows VACUUM must keep because of it
-- column last_query: its last statement
-- good: none, or for less than a second.
-- bad: minutes: locks are held, and dead rows stay everywhere in the database.
-- do: runbook blocked-sessions; give the role idle_in_transaction_session_timeout; mend the application that leaves it open.
select
    a.pid,
    a.datname as database,
    a.usename as role,
    nullif(a.application_name, '') as application,
    host(a.client_addr) as client,
    round(extract(epoch from clock_timestamp() - a.state_change)::numeric, 1) as idle_s,
    round(extract(epoch from clock_timestamp() - a.xact_start)::numeric, 1) as transaction_s,
    (select count(*) from pg_locks as l where l.pid = a.pid and l.granted and l.locktype <> 'virtualxid') as locks,
    (select count(*) from pg_stat_activity as w where a.pid = any(pg_blocking_pids(w.pid))) as waiting_for_it,
    age(coalesce(a.backend_xmin, a.backend_xid)) as holds_back_transactions,
    left(regexp_replace(a.query, '\s+', ' ', 'g'), 200) as last_query
from pg_stat_activity as a
where a.state in ('idle in transaction', 'idle in transaction (aborted)')
order by a.state_change, a.pid
