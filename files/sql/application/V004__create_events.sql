create sequence app.events_id_seq as bigint;

comment on sequence app.events_id_seq is 'Numbers of app.events.id: ascending, gaps are normal.';

-- id has a default rather than an identity: before PostgreSQL 17 partitions do not inherit an identity, and from 17 on
-- a table that has one cannot be attached.
create table app.events (
    id bigint not null default nextval('app.events_id_seq'),
    event_type text not null,
    user_id bigint references app.users on delete set null,
    data jsonb not null,
    created_at timestamptz not null default now(),
    processed_at timestamptz,
    status text not null default 'pending',
    primary key (id, created_at),
    constraint "event_type must not be blank" check (event_type ~ '\S'),
    constraint "created_at must be finite" check (isfinite(created_at)),
    constraint "status must be pending, processing, processed or failed"
    check (status in ('pending', 'processing', 'processed', 'failed')),
    constraint "processed_at goes with status processed or failed"
    check ((status in ('processed', 'failed')) = (processed_at is not null))
) partition by range (created_at);

alter sequence app.events_id_seq owned by app.events.id;

create index on app.events (event_type, created_at);
create index on app.events (user_id, created_at);
-- What is to be processed next, oldest first; serves status alone, too.
create index on app.events (status, created_at);
create index on app.events (created_at);
create index on app.events using gin (data jsonb_path_ops);

comment on table app.events is
    'What has happened, one partition a month of created_at (UTC); old months are dropped by policy. An event outlives its user.';
comment on column app.events.id is 'Ascending number from app.events_id_seq.';
comment on column app.events.event_type is 'What has happened.';
comment on column app.events.user_id is 'Who did it; null when nobody did, or when the user has been deleted.';
comment on column app.events.data is 'The event itself, any JSON, searched with @>.';
comment on column app.events.created_at is 'When it happened; the partition key.';
comment on column app.events.processed_at is 'When its processing ended.';
comment on column app.events.status is 'pending, processing, processed or failed.';
