create table app.users (
    id bigint generated always as identity primary key,
    name text not null,
    email text not null unique,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    status text not null default 'active',
    metadata jsonb not null default '{}',
    constraint "name must not be blank" check (name ~ '\S'),
    constraint "email must have a name, @ and a domain" check (email ~ '^[^\s@]+@[^\s@]+$'),
    constraint "status must be active, inactive or blocked" check (status in ('active', 'inactive', 'blocked')),
    constraint "metadata must be a JSON object" check (jsonb_typeof(metadata) = 'object')
);

-- Serves status alone, too, and gives its rows in the order in which they are asked for.
create index on app.users (status, created_at);
create index on app.users (created_at);
create index on app.users using gin (metadata jsonb_path_ops);

comment on table app.users is 'Users of the application.';
comment on column app.users.id is 'Number of the user, given by the server.';
comment on column app.users.name is 'What the user is called.';
comment on column app.users.email is 'Address, as given; no two users have the same.';
comment on column app.users.created_at is 'When the row was made.';
comment on column app.users.updated_at is 'When the row was last changed; kept by trigger.';
comment on column app.users.status is 'active, inactive or blocked.';
comment on column app.users.metadata is 'What else is known of the user: an object, searched with @>.';
