-- Settings that are not PostgreSQL's defaults, and where each was set.
-- scope: cluster
-- column name: setting
-- column value: its value in this session
-- column default: what it is when nobody sets it
-- column source: configuration file, command line, or ALTER SYSTEM, database or role
-- column place: file and line
-- column pending_restart: whether a changed value waits for a restart
-- good: place is the file that the deploy writes, conf.d/pgops.conf.
-- bad: postgresql.auto.conf (ALTER SYSTEM by hand) or another file overrides what was declared; pending_restart.
-- do: pgops settings explain HOST says what was declared; playbooks/settings.yml takes hand-made changes back.
select
    name,
    current_setting(name, true) as value,
    boot_val || coalesce(' (' || unit || ')', '') as default,
    source,
    sourcefile || ':' || sourceline as place,
    pending_restart
from pg_settings
where pending_restart or source not in ('default', 'override', 'client', 'session', 'user', 'database', 'database user')
order by name
