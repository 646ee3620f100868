-- Connections by database, role, program and state, beside what is allowed.
-- scope: cluster
-- column database: database; `(all)` is the whole server
-- column role: role
-- column application: what the client calls itself
-- column client: its address; empty through the socket
-- column active: that run a statement
-- column idle: that wait for one
-- column idle_in_transaction: that wait for one within a transaction
-- column connections: all of them
-- column allowed: most that there may be: of the server for others than superusers, of the role
-- column oldest_s: age of the oldest, seconds
-- good: connections well below allowed; few idle.
-- bad: (all) near allowed; hundreds of idle ones of one application; an oldest_s of days with a state other than idle.
-- do: runbook too-many-connections: put the pooler between, give the application's own pool a maximum, and its role a connection limit.
(
    select
        '(all)' as database,
        null as role,
        null as application,
        null as client,
        count(*) filter (where state = 'active') as active,
        count(*) filter (where state = 'idle') as idle,
        count(*) filter (where state like 'idle in transaction%') as idle_in_transaction,
        count(*) as connections,
        current_setting('max_connections')::int
        - current_setting('superuser_reserved_connections')::int - current_setting('reserved_connections')::int as allowed,
        round(extract(epoch from clock_timestamp() - min(backend_start))::numeric, 0) as oldest_s
    from pg_stat_activity
    where backend_type = 'client backend'
)
union all
(
    select
        a.datname,
        a.usename,
        nullif(a.application_name, ''),
        host(a.client_addr),
        count(*) filter (where a.state = 'active'),
        count(*) filter (where a.state = 'idle'),
        count(*) filter (where a.state like 'idle in transaction%'),
        count(*) as connections,
        nullif(r.rolconnlimit, -1),
        round(extract(epoch from clock_timestamp() - min(a.backend_start))::numeric, 0)
    from pg_stat_activity as a
    left join pg_roles as r on r.oid = a.usesysid
    where a.backend_type = 'client backend'
    group by a.datname, a.usename, nullif(a.application_name, ''), host(a.client_addr), r.rolconnlimit
    order by count(*) desc, a.datname asc, a.usename asc
)
