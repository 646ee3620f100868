-- Not id: a number that somebody takes before its turn is one that the sequence comes to later, for another row.
grant
    insert (date, amount, state, transaction_guid, message),
    update (date, amount, state, transaction_guid, message),
    delete
on app.t1 to transactions_app;
grant insert (date, amount, state, message), update (state) on app.t1 to transactions_jobs;
grant usage on sequence app.t1_id_seq to transactions_app, transactions_jobs;
-- The initial copy of a subscription reads the table as any client does.
grant select on app.t1 to transactions_replication;

grant select on app.t1_guid to transactions_app, transactions_jobs, transactions_reader;
grant execute on function app.guid_drift() to transactions_jobs, transactions_reader;
grant execute on procedure app.insert_transaction(integer) to transactions_jobs;
grant execute on procedure app.advance_transactions(integer, timestamptz) to transactions_jobs;
