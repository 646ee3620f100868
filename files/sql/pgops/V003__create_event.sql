create table pgops.event (
    event_id bigint generated always as identity primary key,
    occurred_at timestamptz not null default clock_timestamp(),
    severity text not null,
    source text not null,
    object_name text,
    message text not null,
    details jsonb not null default '{}',
    logged_by name not null default session_user,
    constraint severity_known check (severity in ('info', 'warning', 'error'))
);

create index event_occurred_at on pgops.event (occurred_at);

comment on table pgops.event is
    'What the engine and the systems did or found, for monitoring. Written by pgops.log_event(), '
    'purged by pgops.maintain() after the setting event_keep.';
comment on column pgops.event.event_id is 'Ascending number; gaps are normal.';
comment on column pgops.event.occurred_at is 'When it was logged.';
comment on column pgops.event.severity is 'info, warning (somebody should look) or error (something failed).';
comment on column pgops.event.source is 'The function, procedure or job that logged it.';
comment on column pgops.event.object_name is 'The object that it is about, schema-qualified where it has a schema.';
comment on column pgops.event.message is 'One sentence for a human reader.';
comment on column pgops.event.details is 'The same as values, for machines.';
comment on column pgops.event.logged_by is 'Session user.';

grant select on pgops.event to pgops_monitor;
