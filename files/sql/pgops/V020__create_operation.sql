create table pgops.operation (
    operation_id bigint generated always as identity primary key,
    relation regclass not null,
    relation_name text not null,
    operation text not null,
    arguments jsonb not null,
    options jsonb not null,
    state text not null default 'planned',
    phase text not null,
    method text not null,
    sources jsonb not null,
    targets jsonb not null,
    key_columns jsonb not null,
    progress jsonb not null default '{}',
    who name not null default session_user,
    started_at timestamptz not null default clock_timestamp(),
    finished_at timestamptz,
    duration interval generated always as (finished_at - started_at) stored,
    runner_pid integer,
    heartbeat_at timestamptz,
    switch_requested boolean not null default false,
    row_count bigint,
    copied_rows bigint not null default 0,
    replayed_keys bigint not null default 0,
    checksum numeric,
    longest_wait_ms numeric,
    lock_held_ms numeric,
    tries integer not null default 0,
    wal_bytes numeric not null default 0,
    error text
);

-- At most one at a time may change the partitions of a table.
create unique index operation_unfinished on pgops.operation (relation)
where state not in ('done', 'cancelled', 'undone');

comment on table pgops.operation is
    'One row an operation on partitions: who, when, what, how far, and what it cost. Written by the procedures of the '
    'engine while they run; row-level security lets an operator write those of tables whose owner he may SET ROLE to.';
comment on column pgops.operation.operation_id is 'Ascending number; part of the names of everything made for it.';
comment on column pgops.operation.relation is 'The table whose direct partitions are concerned.';
comment on column pgops.operation.relation_name is 'Its name when the operation began.';
comment on column pgops.operation.operation is 'add, split, merge, drain, detach, archive or drop.';
comment on column pgops.operation.arguments is 'What was asked for; described at pgops.operation_apply().';
comment on column pgops.operation.options is 'How it was asked for, with all defaults written out.';
comment on column pgops.operation.state is
    'planned, copying, replaying, waiting, switching, finishing, done; failed (an error stopped it: resume or cancel), '
    'cancelled, undone.';
comment on column pgops.operation.phase is 'The step that is next or under way; see the engine''s README.';
comment on column pgops.operation.method is
    'How it is done: swap (rows are copied and tables exchanged), attach, detach, archive or drop.';
comment on column pgops.operation.sources is
    'Tables that leave the partitioned table: oid, name, bound, then (what becomes of it: drop, keep), blocks and '
    'next_block of the copy, old_name after the switch.';
comment on column pgops.operation.targets is
    'Tables that come instead: name (after the switch), made_as (before it), bound, oid once it is made.';
comment on column pgops.operation.key_columns is
    'Columns by which changed rows are found again: name, type, the equality operator of their index.';
comment on column pgops.operation.progress is 'Positions within the phase, for the next step.';
comment on column pgops.operation.who is 'Session user who began it.';
comment on column pgops.operation.started_at is 'When it was begun.';
comment on column pgops.operation.finished_at is 'When it was done, cancelled or undone.';
comment on column pgops.operation.duration is 'From started_at to finished_at.';
comment on column pgops.operation.runner_pid is 'Server process that runs it or ran it last.';
comment on column pgops.operation.heartbeat_at is 'When that process last completed a step.';
comment on column pgops.operation.switch_requested is 'Set by pgops.operation_switch(): it need wait no longer.';
comment on column pgops.operation.row_count is
    'Rows concerned: an estimate at first, exact from the comparison of old and new rows on.';
comment on column pgops.operation.copied_rows is 'Rows copied so far.';
comment on column pgops.operation.replayed_keys is 'Keys of rows changed meanwhile that were carried along so far.';
comment on column pgops.operation.checksum is
    'Sum of the hashes of all rows, equal for the old and the new tables when they were compared.';
comment on column pgops.operation.longest_wait_ms is
    'Longest wait in milliseconds that it can have caused a writer: from asking for locks until they were given back.';
comment on column pgops.operation.lock_held_ms is 'Milliseconds under the strongest lock, in the switch that succeeded.';
comment on column pgops.operation.tries is 'How often it asked for locks and gave way.';
comment on column pgops.operation.wal_bytes is 'WAL that the server wrote during its steps, that of others included.';
comment on column pgops.operation.error is 'Message of the last failure; null when a later step succeeded.';

create type pgops.operation_outcome as (
    next_phase text,
    pause_seconds double precision,
    asked_at timestamptz,
    obtained_at timestamptz,
    wal_position pg_lsn,
    problem text,
    locks_missed boolean
);

comment on type pgops.operation_outcome is
    'What came of one step of an operation: the phase that follows, how long to pause before it, when locks were asked '
    'for and obtained, where the WAL stood before it, what failed, and whether another try may succeed.';

alter table pgops.operation enable row level security;

grant select on pgops.operation to pgops_monitor;
grant insert, update on pgops.operation to pgops_operator;
grant usage on sequence pgops.operation_operation_id_seq to pgops_operator;

insert into pgops.configuration (name, value, unit, minimum, maximum, meaning) values
(
    'operation_abandoned_after', 3600, 'seconds', 10, 31536000,
    'An unfinished operation that nobody has run for so long is cancelled by pgops.maintain().'
),
(
    'operation_lock_budget', 100, 'milliseconds', 5, 900,
    'Longest time from asking for the locks of a switch until they are given back; writers wait no longer.'
),
(
    'operation_batch_blocks', 200, 'blocks', 1, 100000,
    'Blocks of a table that an operation copies in one transaction.'
),
(
    'operation_replay_keys', 50, 'keys', 1, 100000,
    'Changed rows that may be left to be carried along under the locks of a switch.'
),
(
    'operation_scan_blocks', 64, 'blocks', 0, 100000,
    'A default partition of at most so many blocks may be looked through under a lock.'
);
