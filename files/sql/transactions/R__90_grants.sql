-- What is the same on both sides; writing is granted on the primary only.
grant usage on schema app to transactions_app, transactions_jobs, transactions_reader, transactions_replication, pgops_monitor;

grant select on app.t1 to transactions_app, transactions_jobs, transactions_reader;
grant execute on function app.totals_drift() to transactions_jobs, transactions_reader;

grant select, insert, delete on app.totals_audit to transactions_jobs;
grant execute on procedure app.audit_totals() to transactions_jobs;
grant select on app.totals_audit_status to transactions_reader, pgops_monitor;
