-- Sums by month rather than by client and type alone: the months of a partition that was dropped can be counted anew
-- without reading the others, and the incremental view has something to sum. Rows are updated in place, over and over:
-- room in the page keeps the updates off the index (heap-only tuples).
create table app.t1_month_total (
    month date not null,
    client_id bigint not null,
    operation_type text not null,
    amount numeric not null,
    transactions integer not null,
    primary key (client_id, operation_type, month)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02);

comment on table app.t1_month_total is
    'Totals of app.t1 over rows of state 1, by client, operation type and month. On the primary it is exact at every '
    'moment and the base of the incremental view app.t1_totals; on the subscriber app.t1_total_change comes on top. '
    'Written by triggers only.';
comment on column app.t1_month_total.month is 'First day of the month of t1.date, UTC.';
comment on column app.t1_month_total.client_id is 't1.client_id.';
comment on column app.t1_month_total.operation_type is 't1.operation_type.';
comment on column app.t1_month_total.amount is 'Sum of t1.amount.';
comment on column app.t1_month_total.transactions is
    'Number of rows; 0 is left behind by the last row that went. integer, because sum(integer) is bigint.';

create table app.t1_partition (
    partition regclass primary key,
    lower_bound timestamptz,
    upper_bound timestamptz
);

comment on table app.t1_partition is
    'Partitions of app.t1 whose rows are in the totals. What differs from the catalogue was attached, detached or '
    'dropped since; app.t1_partitions_changed() accounts for it.';
comment on column app.t1_partition.partition is 'The partition.';
comment on column app.t1_partition.lower_bound is 'Inclusive; null for the default partition.';
comment on column app.t1_partition.upper_bound is 'Exclusive; null for the default partition.';

create table app.totals_audit (
    audited_at timestamptz primary key default clock_timestamp(),
    duration interval not null,
    wrong_groups bigint not null,
    wrong_guids bigint,
    outcome text not null generated always as (
        case when wrong_groups = 0 and coalesce(wrong_guids, 0) = 0 then 'right' else 'wrong' end
    ) stored
);

comment on table app.totals_audit is 'Outcomes of app.audit_totals(), kept for a year.';
comment on column app.totals_audit.audited_at is 'End of the audit.';
comment on column app.totals_audit.duration is 'How long it took.';
comment on column app.totals_audit.wrong_groups is 'Rows that app.totals_drift() returned.';
comment on column app.totals_audit.wrong_guids is 'Rows that app.guid_drift() returned; null on the subscriber.';
comment on column app.totals_audit.outcome is 'right or wrong.';
