-- Sessions that wait for a lock, and for whom; those first that have waited longest.
-- scope: cluster
-- column waiting_pid: process that waits
-- column waiting_role: its role
-- column waited_s: seconds since its statement began to wait
-- column lock: lock that it waits for
-- column waits_on: table or other thing that is locked, of another database by its number
-- column waiting_query: what it wants to do
-- column blocking_pid: process that it waits for; 0 is a prepared transaction (report prepared-transactions)
-- column blocking_role: its role
-- column blocking_state: what that process does: active, or idle in a transaction
-- column blocking_transaction_s: age of its transaction, seconds
-- column head: whether that process waits for nobody itself, so that it is the one to look at
-- column blocking_query: its current or last statement
-- good: nobody waits, or for some milliseconds.
-- bad: many wait for one; one waits for ACCESS EXCLUSIVE and everybody behind it; a blocker idle in a transaction.
-- do: runbook blocked-sessions: end the statement (pg_cancel_backend) or the session (pg_terminate_backend) of the head.
with waiting as (
    select
        a.pid,
        a.usename,
        a.query,
        unnest(pg_blocking_pids(a.pid)) as blocker,
        extract(epoch from clock_timestamp() - l.waitstart) as waited,
        l.mode,
        case
            when l.relation is not null and l.database = (select oid from pg_database where datname = current_database())
            then l.relation::regclass::text
            when l.relation is not null then format('table %s of database %s', l.relation, l.database)
            else l.locktype
        end as thing
    from pg_locks as l
    join pg_stat_activity as a on a.pid = l.pid
    where not l.granted
)

select
    w.pid as waiting_pid,
    w.usename as waiting_role,
    round(w.waited::numeric, 1) as waited_s,
    w.mode as lock,
    w.thing as waits_on,
    left(regexp_replace(w.query, '\s+', ' ', 'g'), 200) as waiting_query,
    w.blocker as blocking_pid,
    b.usename as blocking_role,
    b.state as blocking_state,
    round(extract(epoch from clock_timestamp() - b.xact_start)::numeric, 1) as blocking_transaction_s,
    not exists (select from waiting as also where also.pid = w.blocker) as head,
    left(regexp_replace(b.query, '\s+', ' ', 'g'), 200) as blocking_query
from waiting as w
left join pg_stat_activity as b on b.pid = w.blocker
order by w.waited desc nulls last, w.pid asc, w.blocker asc
