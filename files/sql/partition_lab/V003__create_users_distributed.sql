create sequence app.users_distributed_id_seq as bigint;

comment on sequence app.users_distributed_id_seq is 'Numbers of app.users_distributed.id: ascending, gaps are normal.';

-- The key has both columns by which these rows are partitioned in the lab: id here, registration_date in users_by_date.
create table app.users_distributed (
    id bigint not null default nextval('app.users_distributed_id_seq'),
    username text not null,
    email text not null,
    country text not null,
    registration_date date not null default current_date,
    active boolean not null default true,
    primary key (id, registration_date),
    constraint "country must be two capital letters" check (country ~ '^[A-Z]{2}$')
);

create index on app.users_distributed (country);
create index on app.users_distributed (registration_date);

comment on table app.users_distributed is
    'Users of several countries. Partitioned by HASH on id: four parts of about the same size.';
comment on column app.users_distributed.id is 'Ascending number from app.users_distributed_id_seq; the partition key.';
comment on column app.users_distributed.username is 'Name at login.';
comment on column app.users_distributed.email is 'Address.';
comment on column app.users_distributed.country is 'ISO 3166 code of two letters.';
comment on column app.users_distributed.registration_date is 'Day of registration; the partition key of app.users_by_date.';
comment on column app.users_distributed.active is 'Whether the user may log in.';
