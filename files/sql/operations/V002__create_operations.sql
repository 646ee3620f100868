create type app.operation_type_enum as enum ('offline', 'online');

comment on type app.operation_type_enum is 'How an operation was made.';

create sequence app.operations_id_seq as bigint;

comment on sequence app.operations_id_seq is 'Numbers of app.operations.id: ascending, gaps are normal.';

-- Each rule is a constraint whose name is the rule, because the name is what the server puts into the error.
-- amount has no precision: numeric(18,2) would refuse Infinity with an error that does not name the column, and would
-- round silently. status is integer, not smallint, so that 70000 too meets the constraint and not the type's own error.
-- id has a default rather than an identity: before PostgreSQL 17 partitions do not inherit an identity, and from 17 on
-- a table that has one cannot be attached.
create table app.operations (
    operation_date timestamptz not null,
    id bigint not null default nextval('app.operations_id_seq'),
    client_id bigint not null,
    operation_type app.operation_type_enum not null,
    amount numeric not null,
    status integer not null default 0,
    operation_guid uuid not null default gen_random_uuid(),
    primary key (id, operation_date),
    constraint "operation_date must be finite" check (isfinite(operation_date)),
    constraint "client_id must be from 1 to 999999999999999999" check (client_id between 1 and 999999999999999999),
    -- NaN and Infinity are above every number, so the upper bound refuses them too.
    constraint "amount must be a number from 0 to 9999999999999999.99" check (amount between 0 and 9999999999999999.99),
    constraint "status must be 0 (new) or 1 (processed)" check (status in (0, 1))
) partition by range (operation_date);

alter sequence app.operations_id_seq owned by app.operations.id;

-- app.change_status() reads the oldest of the new rows through it, a partition at a time.
create index operations_status_id_idx on app.operations (status, id);

comment on table app.operations is
    'Operations, one partition a month of operation_date (UTC). Bad rows are refused by constraints whose names are the '
    'rules (SQLSTATE 23514, 23502, 23505). Rows of months without a partition go to app.operations_default.';
comment on column app.operations.operation_date is 'When the operation happened; the partition key.';
comment on column app.operations.id is
    'Ascending number from app.operations_id_seq. Roles that write may not choose it: they would meet numbers still to '
    'come.';
comment on column app.operations.client_id is 'Whose operation it is.';
comment on column app.operations.operation_type is 'offline or online; SQLSTATE 22P02 for anything else.';
comment on column app.operations.amount is 'Money, exact decimal, kept as given.';
comment on column app.operations.status is '0 = new, 1 = processed.';
comment on column app.operations.operation_guid is
    'Identifies the operation to the outside. 122 random bits by default; nothing looks for duplicates, since a unique '
    'index of a partitioned table would have to contain operation_date.';
