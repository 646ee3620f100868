create or replace function pgops.default_partition_periods(
    parent regclass,
    policy jsonb
) returns table (first_day date, row_count bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set lock_timeout = '5s' -- whoever waits to read holds up no one
as $$
declare
    key record := pgops.range_key(parent);
    source regclass := pgops.default_partition(parent);
    every text := policy #>> '{by,every}';
    time_zone text := policy ->> 'time_zone';
    previous_role text;
    found_periods jsonb;
begin
    if not exists (select from pg_class as c where c.oid = source and c.relkind = 'r') then
        return;
    end if;
    previous_role := pgops.become_owner(parent);
    -- The owner may have no right in schema pgops: this query is of built-in functions only.
    execute format(
        $query$
        select jsonb_agg(to_jsonb(p)) from (
            select min(k.value) as first_value, max(k.value) as last_value, count(*) as row_count
            from (select %1$s as value, %2$s as local_value from %3$s
                where isfinite(%4$I) and %4$I >= '0001-01-02' and %4$I < '9999-01-01') as k
            group by date_trunc(%5$L, k.local_value)
        ) as p
        $query$,
        format(case key.key_type when 'timestamptz'::regtype then '%I at time zone ''UTC''' else '%I::timestamp' end,
            key.column_name),
        format(case key.key_type when 'timestamptz'::regtype then '%I at time zone %L' else '%I::timestamp' end,
            key.column_name, time_zone),
        source, key.column_name, every
    ) into found_periods;
    perform set_config('role', previous_role, true);
    return query
    select d.first_day, sum(d.row_count)::bigint
    from (
        select pgops.period_of(p.first_value, key.key_type, every, time_zone) as first_day, p.row_count
        from jsonb_to_recordset(found_periods) as p (first_value timestamp, row_count bigint)
        union all
        select pgops.period_of(p.last_value, key.key_type, every, time_zone), 0
        from jsonb_to_recordset(found_periods) as p (last_value timestamp)
    ) as d
    group by d.first_day;
end
$$;

comment on function pgops.default_partition_periods(regclass, jsonb) is
    'The periods whose rows lie in the default partition, with their number (exact but where a clock falls back across '
    'midnight). Rows without a finite key in the years 1 to 9998, and default partitions that are no plain tables, are '
    'left out. Reads the whole default partition as its owner. '
    'Errors: 55P03 not readable within 5 s, 42501 may not act for the owner, or row-level security would hide rows from '
    'the owner. '
    'Locks: ACCESS SHARE on the default partition.';

revoke all on function pgops.default_partition_periods(regclass, jsonb) from public;
grant execute on function pgops.default_partition_periods(regclass, jsonb) to pgops_operator;
