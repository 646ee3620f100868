create table pgops.partition_policy (
    parent regclass primary key,
    strategy text not null default 'range',
    policy jsonb not null,
    changed_at timestamptz not null default now(),
    changed_by name not null default current_user,
    last_applied_at timestamptz,
    last_error_at timestamptz,
    last_error text,
    constraint strategy_known check (strategy in ('range'))
);

comment on table pgops.partition_policy is
    'One row a partitioned table that the engine keeps. Rows are visible to monitors and operators; row-level security '
    'lets an operator write those of tables whose owner he may SET ROLE to. A trigger checks and completes the policy.';
comment on column pgops.partition_policy.parent is 'The partitioned table.';
comment on column pgops.partition_policy.strategy is 'Partitioning strategy of the table: range (periods of time).';
comment on column pgops.partition_policy.policy is
    'The policy with all defaults written out; its keys are described at pgops.set_partition_policy().';
comment on column pgops.partition_policy.changed_at is 'When the policy last changed.';
comment on column pgops.partition_policy.changed_by is 'Who changed it.';
comment on column pgops.partition_policy.last_applied_at is 'When all steps of a plan last succeeded.';
comment on column pgops.partition_policy.last_error_at is 'When a step last failed; null after a success.';
comment on column pgops.partition_policy.last_error is 'Message of that failure; null after a success.';

alter table pgops.partition_policy enable row level security;

grant select on pgops.partition_policy to pgops_monitor;
grant insert, update, delete on pgops.partition_policy to pgops_operator;
