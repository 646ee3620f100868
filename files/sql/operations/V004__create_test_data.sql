create table app.test_data (
    test_data_id bigint generated always as identity primary key,
    start_date date not null,
    end_date date not null,
    row_count bigint not null,
    duration interval not null,
    finished_at timestamptz not null default clock_timestamp()
);

comment on table app.test_data is
    'Finished runs of app.operations_test_data(); written in the transaction that wrote the rows.';
comment on column app.test_data.start_date is 'First day (UTC) of the rows'' operation_date.';
comment on column app.test_data.end_date is 'Last day (UTC).';
comment on column app.test_data.row_count is 'How many rows.';
comment on column app.test_data.duration is 'How long it took.';
comment on column app.test_data.finished_at is 'When it was done.';
