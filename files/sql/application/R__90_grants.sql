grant usage on schema app to app_user, readonly_user, pgops_monitor;

grant select, insert, update, delete on app.users, app.data_entries, app.events, app.metrics to app_user;
grant usage on sequence app.users_id_seq, app.data_entries_id_seq, app.events_id_seq, app.metrics_id_seq to app_user;
grant select on app.users, app.data_entries, app.events, app.metrics to readonly_user;

grant execute on function app.get_user_statistics(bigint) to app_user, readonly_user;
