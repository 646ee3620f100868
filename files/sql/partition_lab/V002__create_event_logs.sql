-- Belongs to no column: whatever takes the place of the table goes on counting, also when the first one is dropped.
create sequence app.event_logs_id_seq as bigint;

comment on sequence app.event_logs_id_seq is 'Numbers of app.event_logs.id: ascending, gaps are normal.';

-- Plain at first. The key has the column by which the table will be partitioned, as PostgreSQL demands of partitions.
create table app.event_logs (
    id bigint not null default nextval('app.event_logs_id_seq'),
    created_at timestamptz not null default now(),
    user_id bigint not null,
    event_type text not null,
    payload jsonb not null default '{}',
    primary key (id, created_at),
    constraint "event_type must be login, logout, view, purchase or error"
    check (event_type in ('login', 'logout', 'view', 'purchase', 'error'))
);

create index on app.event_logs (created_at);
create index on app.event_logs (user_id, created_at);

comment on table app.event_logs is
    'Events of users. Partitioned by RANGE on created_at: a month each, and a default for all other times.';
comment on column app.event_logs.id is 'Ascending number from app.event_logs_id_seq.';
comment on column app.event_logs.created_at is 'When it happened; the partition key. Bounds are midnights in UTC.';
comment on column app.event_logs.user_id is 'Whose event it is.';
comment on column app.event_logs.event_type is 'login, logout, view, purchase or error.';
comment on column app.event_logs.payload is 'What else is known of it.';
