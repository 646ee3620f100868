create or replace function pgops.convert_key_columns(policy jsonb) returns name[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- That of the table, and those of the levels below.
    with recursive level (policy) as (
        select convert_key_columns.policy
        union all
        select l.policy -> 'subpartitions' from level as l where jsonb_typeof(l.policy -> 'subpartitions') = 'object'
    )

    select array_agg(distinct k.column_name)
    from level as l
    cross join pgops.convert_key(l.policy) as k;
end;

comment on function pgops.convert_key_columns(jsonb) is
    'The columns by which a policy partitions at all its levels: unique constraints must contain them.';

revoke all on function pgops.convert_key_columns(jsonb) from public;
grant execute on function pgops.convert_key_columns(jsonb) to pgops_operator;
