create or replace function app.load_new_partition(
    partition regclass,
    rows_query text,
    month_start timestamptz,
    month_end timestamptz
) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('insert into %s (date, id, amount, state, transaction_guid, message) %s', partition, rows_query);
    -- ATTACH builds the indexes, and the event trigger puts the rows into totals and guids and the triggers on the
    -- partition. An index built over rows that are there costs a tenth of one that grows row by row.
    for attempt in 1..100 loop
        begin
            set local lock_timeout = '100ms';
            execute format('alter table app.t1 attach partition %s for values from (%L) to (%L)',
                partition, month_start, month_end);
            exit;
        exception
            when lock_not_available then
                if attempt = 100 then
                    raise;
                end if;
                perform pg_sleep(0.1 + random() * 0.2);
        end;
    end loop;
end
$$;

comment on function app.load_new_partition(regclass, text, timestamptz, timestamptz) is
    'Fills a table without indexes that is to become the partition of a month with the rows of a query, and attaches it. '
    'Errors: 55P03 the locks were not to be had within about 30 s, 23514 rows of the month came into the default '
    'partition meanwhile, 23505 a guid is there already. Locks: waits 100 ms at a time for SHARE UPDATE EXCLUSIVE on '
    'app.t1 and ACCESS EXCLUSIVE on the default partition, holds them while the rows are indexed and accounted for.';

revoke all on function app.load_new_partition(regclass, text, timestamptz, timestamptz) from public;
