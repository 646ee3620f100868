grant usage on schema app to operations_app, operations_jobs, operations_reader, pgops_monitor;

grant select on app.operations to operations_app, operations_jobs, operations_reader;
grant select on app.client_type_sum_mv to operations_app, operations_jobs, operations_reader;
grant execute on function app.client_type_sum_drift() to operations_jobs, operations_reader;
grant select on app.refresh_log to operations_reader, pgops_monitor;
grant select on app.refresh_status to operations_reader, pgops_monitor;

-- Not id: a number that somebody takes before its turn is one that the sequence comes to later, for another row.
grant
    insert (operation_date, client_id, operation_type, amount, status, operation_guid),
    update (operation_date, client_id, operation_type, amount, status, operation_guid),
    delete
on app.operations to operations_app;
grant insert (operation_date, client_id, operation_type, amount), update (status) on app.operations to operations_jobs;
grant usage on sequence app.operations_id_seq to operations_app, operations_jobs;

grant execute on procedure app.operation_insert_one(integer) to operations_jobs;
grant execute on procedure app.change_status(integer) to operations_jobs;
grant execute on function app.refresh_client_type_sum() to operations_jobs;
