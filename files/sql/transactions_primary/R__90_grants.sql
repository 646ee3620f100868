grant select on app.t1_guid to transactions_jobs, transactions_reader, transactions_app;
grant execute on function app.guid_drift() to transactions_jobs, transactions_reader;
grant execute on procedure app.insert_transaction(integer) to transactions_jobs;
grant execute on procedure app.advance_transactions(integer, timestamptz) to transactions_jobs;
