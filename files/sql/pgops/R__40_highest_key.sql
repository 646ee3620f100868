create or replace function pgops.highest_key(parent regclass) returns numeric
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set lock_timeout = '5s' -- whoever waits to read holds up no one
as $$
declare
    key record := pgops.partition_key(parent);
    default_partition regclass := pgops.default_partition(parent);
    partitions regclass[] := array(
        select b.partition from pgops.existing_partitions(parent) as b
        where not b.is_default and not b.detach_pending
        order by b.lower_bound::numeric desc nulls last
    );
    partition regclass;
    highest numeric;
    highest_in_default numeric;
    largest constant text := case key.key_type
        when 'int2'::regtype then '32767' when 'int4'::regtype then '2147483647'
        when 'int8'::regtype then '9223372036854775807' else 'Infinity'
    end;
    -- The owner may have no right in schema pgops: these queries are of built-in functions only.
    query constant text := 'select max(%1$I)::numeric from %2$s where %1$I < %3$L';
    previous_role text := pgops.become_owner(parent);
begin
    -- From the top: empty partitions cost nothing, and one with rows hides those below it.
    foreach partition in array partitions loop
        execute format(query, key.column_name, partition, largest) into highest;
        exit when highest is not null;
    end loop;
    if default_partition is not null then
        execute format(query, key.column_name, default_partition, largest) into highest_in_default;
    end if;
    perform set_config('role', previous_role, true);
    return greatest(highest, highest_in_default);
end
$$;

comment on function pgops.highest_key(regclass) is
    'The highest key in a table partitioned by RANGE of numbers, below the largest value of the type and infinity; null '
    'for none. Reads the highest partition that has rows, and the default partition, as their owner. '
    'Errors: 55P03 not readable within 5 s, 42501 may not act for the owner, or row-level security would hide rows. '
    'Locks: ACCESS SHARE on what it reads.';

revoke all on function pgops.highest_key(regclass) from public;
grant execute on function pgops.highest_key(regclass) to pgops_operator;
