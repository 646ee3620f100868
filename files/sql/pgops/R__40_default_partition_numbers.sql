create or replace function pgops.default_partition_numbers(
    parent regclass,
    policy jsonb
) returns table (first_number numeric, row_count bigint)
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set lock_timeout = '5s' -- whoever waits to read holds up no one
as $$
declare
    source regclass := pgops.default_partition(parent);
    key_column name := pgops.policy_column(policy);
    every numeric := policy #>> '{by,every}';
    previous_role text;
    found_numbers jsonb;
begin
    if not exists (select from pg_class as c where c.oid = source and c.relkind = 'r') then
        return;
    end if;
    previous_role := pgops.become_owner(parent);
    -- The owner may have no right in schema pgops: this query is of built-in functions only, as pgops.multiple_below(). NaN
    -- and the infinities of numeric belong to no piece.
    execute format(
        $query$
        select jsonb_agg(to_jsonb(p)) from (
            select (div(%1$I::numeric, %2$s) - (mod(%1$I::numeric, %2$s) < 0)::integer) * %2$s as first_number, count(*) as row_count
            from %3$s where %1$I is not null and %1$I::numeric not in ('NaN', 'Infinity', '-Infinity') group by 1
        ) as p
        $query$,
        key_column, every, source
    ) into found_numbers;
    perform set_config('role', previous_role, true);
    return query
    select p.first_number, p.row_count
    from jsonb_to_recordset(found_numbers) as p (first_number numeric, row_count bigint);
end
$$;

comment on function pgops.default_partition_numbers(regclass, jsonb) is
    'Where the partitions of a policy by number begin whose rows lie in the default partition, with their number. Reads '
    'the whole default partition as its owner; one that is no plain table is left out. '
    'Errors and locks: as pgops.default_partition_periods().';

revoke all on function pgops.default_partition_numbers(regclass, jsonb) from public;
grant execute on function pgops.default_partition_numbers(regclass, jsonb) to pgops_operator;
