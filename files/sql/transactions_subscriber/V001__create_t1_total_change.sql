-- Under the apply worker neither statement-level triggers nor pg_ivm's maintenance run, so each row's change of the
-- totals is appended here and folded into app.t1_month_total now and then. Appending waits for nobody.
create table app.t1_total_change (
    date timestamptz not null,
    client_id bigint not null,
    operation_type text not null,
    amount numeric not null,
    transactions integer not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000);

comment on table app.t1_total_change is
    'Changes of the totals that app.fold_totals() has not folded into app.t1_month_total yet. Written by triggers only.';
comment on column app.t1_total_change.date is 't1.date of the row that changed.';
comment on column app.t1_total_change.amount is 'What to add: t1.amount, negative for a row that went.';
comment on column app.t1_total_change.transactions is '1, or -1 for a row that went.';
