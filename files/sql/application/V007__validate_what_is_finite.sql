alter table app.users validate constraint "created_at and updated_at must be finite";
alter table app.data_entries validate constraint "created_at and updated_at must be finite";
alter table app.events validate constraint "processed_at must be finite";
alter table app.metrics validate constraint "metric_value must be a finite number";
