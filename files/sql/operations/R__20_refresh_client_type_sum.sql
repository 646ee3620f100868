create or replace function app.refresh_client_type_sum() returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
-- Longer than any other refresh holds the locks that it needs beside the one asked for below, shorter than a queue.
set lock_timeout = '100ms'
as $$
declare
    started_at timestamptz;
    skip_reason text;
begin
    if current_setting('transaction_isolation') <> 'read committed' then
        raise exception 'app.refresh_client_type_sum() needs isolation level read committed, not %',
            current_setting('transaction_isolation')
            using errcode = 'feature_not_supported',
                hint = 'An older snapshot would take the view back to what it was before.';
    end if;
    -- Held until the transaction ends, so that who gets it sees what the refresh before has left.
    if not pg_try_advisory_xact_lock(hashtextextended('app.client_type_sum_mv', 0)) then
        skip_reason := 'another refresh is going on';
    elsif exists (
        -- pg_cron starts a job that took longer than its interval again at once. Refreshes without a break would keep
        -- those from their turn who need a lock on app.operations that a refresh does not suffer, as new partitions do.
        select from app.refresh_log
        where
            view_name = 'app.client_type_sum_mv'
            and last_duration > interval '2 seconds'
            and last_refresh_at + last_duration > clock_timestamp() - interval '1 second'
    ) then
        skip_reason := 'the last refresh took more than 2 s and ended less than 1 s ago';
    else
        started_at := clock_timestamp();
        begin
            refresh materialized view concurrently app.client_type_sum_mv;
        exception
            when lock_not_available then
                skip_reason := format('locked by others: %s', sqlerrm);
        end;
    end if;
    -- Last of all: whoever skips must not wait for the row until a refresh is done.
    if skip_reason is null then
        update app.refresh_log set
            refreshes = refreshes + 1,
            skipped_since_refresh = 0,
            last_refresh_at = started_at,
            last_duration = clock_timestamp() - started_at,
            longest_duration = greatest(longest_duration, clock_timestamp() - started_at),
            total_duration = total_duration + (clock_timestamp() - started_at)
        where view_name = 'app.client_type_sum_mv';
    else
        update app.refresh_log set
            skipped = skipped + 1,
            skipped_since_refresh = skipped_since_refresh + 1,
            last_skip_at = clock_timestamp(),
            last_skip_reason = skip_reason
        where view_name = 'app.client_type_sum_mv';
        raise notice 'app.client_type_sum_mv is not refreshed: %', skip_reason;
    end if;
    return skip_reason is null;
end
$$;

comment on function app.refresh_client_type_sum() is
$$Refreshes app.client_type_sum_mv without blocking its readers, and says whether it did. While another session
refreshes it, or holds a lock on it or on app.operations that does not go away within 100 ms, and for a second after a
refresh of more than two seconds, it does not wait: it counts the skip in app.refresh_log, reports it as NOTICE and
returns false; the next refresh brings what this one would have. Security definer, because only the owner of a materialized view may refresh it. Errors: 0A000 isolation level.
Locks, until the transaction ends: EXCLUSIVE on the view (which SELECT does not mind), ACCESS SHARE on app.operations
and its partitions.$$;

revoke all on function app.refresh_client_type_sum() from public;
