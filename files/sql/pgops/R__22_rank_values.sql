create or replace function pgops.rank_values(
    key_values text[],
    key_type regtype,
    type_name text,
    collation_name text
) returns table (value text, canonical text, rank integer)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
as $$
begin
    -- A cast to an enum needs a right on its schema, which the caller may not have.
    if exists (select from pg_enum as e where e.enumtypid = key_type) then
        return query
        select e.enumlabel::text, e.enumlabel::text, (dense_rank() over (order by e.enumsortorder))::integer
        from pg_enum as e
        where e.enumtypid = key_type and e.enumlabel::text = any (key_values);
        return;
    end if;
    return query execute format(
        $query$
        select k.value, k.typed::text, (dense_rank() over (order by k.typed %2$s))::integer
        from (
            select v.value, v.value::%1$s as typed
            from (select distinct u.value from unnest($1) as u (value) where u.value is not null) as v
        ) as k
        $query$,
        type_name, 'collate ' || collation_name
    ) using key_values;
end
$$;

comment on function pgops.rank_values(text[], regtype, text, text) is
    'Values of a partition key in their order: each with the text that all of its spellings share (ISO 8601, timestamptz '
    'in UTC) and a number that ascends from 1 and is the same for equal values. So bounds of every type are compared as '
    'whole numbers. Nulls, and labels that an enum does not have, are left out. Errors: 22007, 22P02 no such value.';

revoke all on function pgops.rank_values(text[], regtype, text, text) from public;
grant execute on function pgops.rank_values(text[], regtype, text, text) to pgops_monitor;
