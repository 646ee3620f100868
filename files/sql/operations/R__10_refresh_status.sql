create or replace view app.refresh_status as
select
    view_name,
    refreshes,
    skipped,
    skipped_since_refresh,
    extract(epoch from clock_timestamp() - last_refresh_at) as age_seconds,
    extract(epoch from last_duration) as last_duration_seconds,
    extract(epoch from longest_duration) as longest_duration_seconds,
    extract(epoch from total_duration) as total_duration_seconds,
    extract(epoch from clock_timestamp() - last_skip_at) as last_skip_seconds_ago,
    last_skip_reason
from app.refresh_log;

comment on view app.refresh_status is
    'How old the materialized views are and how their refreshes went, for monitoring. age_seconds: everything that was '
    'committed longer ago is in the view; null before the first refresh.';
