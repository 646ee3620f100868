-- Not valid at first, so that nobody waits while rows that are there are looked at.
alter table app.users add constraint "created_at and updated_at must be finite"
check (isfinite(created_at) and isfinite(updated_at)) not valid;
alter table app.data_entries add constraint "created_at and updated_at must be finite"
check (isfinite(created_at) and isfinite(updated_at)) not valid;
alter table app.events add constraint "processed_at must be finite"
check (isfinite(processed_at)) not valid;
alter table app.metrics add constraint "metric_value must be a finite number"
check (metric_value not in ('NaN', 'Infinity', '-Infinity')) not valid;
