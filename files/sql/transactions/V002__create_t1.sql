create sequence app.t1_id_seq as bigint;

comment on sequence app.t1_id_seq is 'Numbers of app.t1.id: ascending, gaps are normal.';

-- Each rule is a constraint whose name is the rule, because the name is what the server puts into the error.
-- amount has no precision: numeric(18,2) would refuse Infinity with an error that does not name the column, and would
-- round silently. state is integer, not smallint, so that 70000 too meets the constraint and not the type's own error.
-- id has a default rather than an identity: before PostgreSQL 17 partitions do not inherit an identity, and from 17 on
-- a table that has one cannot be attached.
create table app.t1 (
    date timestamptz not null,
    id bigint not null default nextval('app.t1_id_seq'),
    amount numeric not null,
    state integer not null default 0,
    transaction_guid uuid not null default gen_random_uuid(),
    message jsonb not null,
    -- A value that is no whole number becomes null here and is refused below; a bare cast would raise an error that
    -- does not name the column. Comparing with ltrim() costs a third of a regular expression.
    client_id bigint generated always as (
        case
            when ltrim(message ->> 'client_id', '0123456789') = '' and length(message ->> 'client_id') between 1 and 18
                then (message ->> 'client_id')::bigint
        end
    ) stored,
    operation_type text generated always as (message ->> 'operation_type') stored,
    primary key (id, date),
    constraint "date must be finite" check (isfinite(date)),
    -- NaN and Infinity are above every number, so the upper bound refuses them too.
    constraint "amount must be a number from 0 to 9999999999999999.99" check (amount between 0 and 9999999999999999.99),
    constraint "state must be 0 (new) or 1 (processed)" check (state in (0, 1)),
    -- CASE rather than AND: what has no such key has no type, and a check that is null would pass.
    constraint "message must have account_number, non-blank text or digits" check (
        case jsonb_typeof(message -> 'account_number')
            when 'string' then ltrim(message ->> 'account_number', E' \t\n\013\f\r') <> ''
            when 'number' then ltrim(message ->> 'account_number', '0123456789') = ''
            else false
        end
    ),
    constraint "message must have client_id, a number of 1 to 18 digits" check (client_id is not null),
    constraint "message must have operation_type, online or offline" check (
        operation_type is not null and operation_type in ('online', 'offline')
    )
) partition by range (date);

alter sequence app.t1_id_seq owned by app.t1.id;

-- For the job that advances states: it reads the rows that are still new, and no others.
create index t1_new on app.t1 (id) where state = 0;

comment on table app.t1 is
    'Transactions, one partition a month of date (UTC). Bad rows are refused by constraints whose names are the rules '
    '(SQLSTATE 23514, 23502, 23505). Rows of months without a partition go to app.t1_default.';
comment on column app.t1.date is 'When the transaction happened; the partition key.';
comment on column app.t1.id is
    'Ascending number from app.t1_id_seq. Roles that write may not choose it: they would meet numbers still to come.';
comment on column app.t1.amount is 'Money, exact decimal, kept as given.';
comment on column app.t1.state is '0 = new, 1 = processed.';
comment on column app.t1.transaction_guid is
    'Unique over the whole table. The primary''s app.t1_guid sees to it; on the subscriber the primary has done so.';
comment on column app.t1.message is
    'JSON object with account_number (text that is not blank, or digits), client_id (1 to 18 digits) and operation_type '
    '(online or offline). Numbers are judged as jsonb keeps them: 1e3 is 1000.';
comment on column app.t1.client_id is 'message.client_id as a number.';
comment on column app.t1.operation_type is 'message.operation_type.';
