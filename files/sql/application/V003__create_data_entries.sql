create table app.data_entries (
    id bigint generated always as identity primary key,
    user_id bigint not null references app.users on delete cascade,
    key text not null,
    value text,
    type text not null default 'text',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    metadata jsonb not null default '{}',
    constraint "key must not be blank" check (key ~ '\S'),
    constraint "type must not be blank" check (type ~ '\S'),
    constraint "metadata must be a JSON object" check (jsonb_typeof(metadata) = 'object')
);

-- Serves user_id alone, too: what a user has, and what goes with him.
create index on app.data_entries (user_id, key);
create index on app.data_entries (key);
create index on app.data_entries (created_at);
create index on app.data_entries using gin (metadata jsonb_path_ops);

comment on table app.data_entries is 'What users have entered. It goes with its user.';
comment on column app.data_entries.id is 'Number of the entry, given by the server.';
comment on column app.data_entries.user_id is 'Whose entry it is; it is deleted together with the user.';
comment on column app.data_entries.key is 'What the entry is about; a user may have several with the same key.';
comment on column app.data_entries.value is 'What was entered; null when it was left open.';
comment on column app.data_entries.type is 'How the application reads the value.';
comment on column app.data_entries.created_at is 'When the row was made.';
comment on column app.data_entries.updated_at is 'When the row was last changed; kept by trigger.';
comment on column app.data_entries.metadata is 'What else is known of the entry: an object, searched with @>.';
