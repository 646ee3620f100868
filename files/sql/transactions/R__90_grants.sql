grant usage on schema app to transactions_app, transactions_jobs, transactions_reader, transactions_replication;

grant select, insert, update, delete on app.t1 to transactions_app, transactions_jobs;
grant usage on sequence app.t1_id_seq to transactions_app, transactions_jobs;
grant select on app.t1 to transactions_reader;
-- The initial copy of a subscription reads the table as any client does.
grant select on app.t1 to transactions_replication;

grant select on app.totals_audit_status to transactions_reader, pgops_monitor;
grant usage on schema app to pgops_monitor;
grant select, insert, delete on app.totals_audit to transactions_jobs;
grant execute on function app.totals_drift() to transactions_jobs, transactions_reader;
grant execute on procedure app.audit_totals() to transactions_jobs;
