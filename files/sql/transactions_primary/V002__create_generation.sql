create table app.generation (
    generation_id bigint generated always as identity primary key,
    row_count bigint not null,
    first_month date not null,
    months integer not null,
    clients integer not null,
    seed bigint not null,
    first_id bigint not null,
    started_at timestamptz not null default clock_timestamp(),
    constraint generation_arguments unique (row_count, first_month, months, clients, seed)
);

comment on table app.generation is
    'Runs of app.generate_transactions(): its arguments, and the ids set aside for them. The same arguments are one run, '
    'however often it is interrupted.';
comment on column app.generation.first_id is 'The rows have this id and the row_count - 1 ids after it.';

create table app.generated_month (
    generation_id bigint not null references app.generation on delete cascade,
    month date not null,
    generated_at timestamptz not null default clock_timestamp(),
    duration interval not null,
    primary key (generation_id, month)
);

comment on table app.generated_month is
    'Months that app.generate_transactions() has finished; written in the transaction that wrote the rows.';
