create materialized view app.client_type_sum_mv as
select client_id, operation_type, sum(amount) as amount
from app.operations
where status = 1
group by client_id, operation_type;

-- REFRESH CONCURRENTLY finds by it which rows of the view have changed. The view is new, so nobody waits for the index.
-- squawk-ignore require-concurrent-index-creation
create unique index client_type_sum_mv_client_id_operation_type_idx
on app.client_type_sum_mv (client_id, operation_type);

comment on materialized view app.client_type_sum_mv is
    'Sum of app.operations.amount by client and type over rows of status 1, as of the last refresh; '
    'app.refresh_status says how long ago that was.';
comment on column app.client_type_sum_mv.client_id is 'operations.client_id.';
comment on column app.client_type_sum_mv.operation_type is 'operations.operation_type.';
comment on column app.client_type_sum_mv.amount is 'Sum of operations.amount.';

-- A row a view, updated in place every few seconds: room in the page keeps the updates off the index.
create table app.refresh_log (
    view_name text primary key,
    refreshes bigint not null default 0,
    skipped bigint not null default 0,
    skipped_since_refresh bigint not null default 0,
    last_refresh_at timestamptz,
    last_duration interval,
    longest_duration interval,
    total_duration interval not null default '0',
    last_skip_at timestamptz,
    last_skip_reason text
) with (fillfactor = 20, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

comment on table app.refresh_log is
    'How the refreshes of each materialized view went, written by app.refresh_client_type_sum(). '
    'refreshes and skipped only grow.';
comment on column app.refresh_log.view_name is 'The materialized view, with its schema.';
comment on column app.refresh_log.refreshes is 'Refreshes that were finished.';
comment on column app.refresh_log.skipped is 'Refreshes that were not begun.';
comment on column app.refresh_log.skipped_since_refresh is 'How many of these came after the last finished refresh.';
comment on column app.refresh_log.last_refresh_at is
    'When the last finished refresh began: what was committed before is in the view.';
comment on column app.refresh_log.last_duration is 'How long that took.';
comment on column app.refresh_log.longest_duration is 'How long the longest of all took.';
comment on column app.refresh_log.total_duration is 'How long all together took.';
comment on column app.refresh_log.last_skip_at is 'When a refresh was last skipped.';
comment on column app.refresh_log.last_skip_reason is 'Why it was.';

insert into app.refresh_log (view_name) values ('app.client_type_sum_mv');
