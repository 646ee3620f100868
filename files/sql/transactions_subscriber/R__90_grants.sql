grant select on app.t1_totals to transactions_app, transactions_jobs, transactions_reader;
grant execute on procedure app.fold_totals() to transactions_jobs;
