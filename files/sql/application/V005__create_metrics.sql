create sequence app.metrics_id_seq as bigint;

comment on sequence app.metrics_id_seq is 'Numbers of app.metrics.id: ascending, gaps are normal.';

create table app.metrics (
    id bigint not null default nextval('app.metrics_id_seq'),
    metric_name text not null,
    metric_value numeric not null,
    tags jsonb not null default '{}',
    timestamp timestamptz not null default now(),
    primary key (id, timestamp),
    constraint "metric_name must not be blank" check (metric_name ~ '\S'),
    constraint "timestamp must be finite" check (isfinite(timestamp)),
    constraint "tags must be a JSON object" check (jsonb_typeof(tags) = 'object')
) partition by range (timestamp);

alter sequence app.metrics_id_seq owned by app.metrics.id;

create index on app.metrics (metric_name, timestamp);
create index on app.metrics using gin (tags jsonb_path_ops);

comment on table app.metrics is
    'What the application measures, one partition a month of timestamp (UTC); old months are dropped by policy.';
comment on column app.metrics.id is 'Ascending number from app.metrics_id_seq.';
comment on column app.metrics.metric_name is 'What is measured.';
comment on column app.metrics.metric_value is 'The value, exact; its unit is part of what metric_name says.';
comment on column app.metrics.tags is 'What the value is of: an object, searched with @>.';
comment on column app.metrics.timestamp is 'When it was measured; the partition key.';
