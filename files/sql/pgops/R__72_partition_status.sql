create or replace view pgops.partition_status as
select
    p.parent,
    p.policy #>> '{by,every}' as every,
    (p.policy ->> 'ahead')::integer as periods_wanted_ahead,
    s.periods_ahead,
    s.partitions,
    s.last_bound,
    s.default_partition,
    pgops.default_partition_has_rows(p.parent) as default_has_rows,
    p.last_applied_at,
    p.last_error_at,
    p.last_error,
    p.strategy,
    pgops.missing_partitions(p.parent, p.policy) as missing_partitions
from pgops.partition_policy as p
cross join lateral pgops.partition_summary(p.parent, p.policy) as s;

comment on view pgops.partition_status is
    'State of every table with a partition policy, for monitoring. Locks: ACCESS SHARE on the default partitions.';
comment on column pgops.partition_status.parent is 'The partitioned table; a number when it was dropped.';
comment on column pgops.partition_status.every is
    'Length of a period, or of the numbers in a partition; null for given bounds, lists and hashes.';
comment on column pgops.partition_status.periods_wanted_ahead is 'Periods that the policy wants after the current one.';
comment on column pgops.partition_status.periods_ahead is
    'Periods after the current one that partitions cover without a gap; -1 when the current one is not covered; '
    'null when the policy is not by time, or no longer fits the table.';
comment on column pgops.partition_status.partitions is 'Number of partitions without the default.';
comment on column pgops.partition_status.last_bound is
    'RANGE: where the last partition ends (excluded; timestamptz in UTC); infinity for MAXVALUE, none without partitions.';
comment on column pgops.partition_status.default_partition is 'The default partition; null for none.';
comment on column pgops.partition_status.default_has_rows is
    'Whether rows lie in the default partition, or in one of a nested table: then a partition is missing, or a row has an odd date.';
comment on column pgops.partition_status.last_applied_at is 'When all steps of a plan last succeeded.';
comment on column pgops.partition_status.last_error_at is 'When a step last failed; null after a success.';
comment on column pgops.partition_status.last_error is 'Messages of that failure; null after a success.';
comment on column pgops.partition_status.strategy is 'Partitioning strategy: range, list or hash.';
comment on column pgops.partition_status.missing_partitions is
    'Partitions that the policy gives by bounds, values or modulus and the table does not have, those of nested tables '
    'not counted; null for a policy by periods or numbers.';

grant select on pgops.partition_status to pgops_monitor;
