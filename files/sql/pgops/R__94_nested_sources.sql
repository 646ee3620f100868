create or replace function pgops.nested_sources(source jsonb) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_agg(
        case
            when t.level = 0 then source
            else jsonb_build_object('oid', t.relid::oid::bigint, 'name', format('%s.%I', c.relnamespace::regnamespace, c.relname),
                'then', source -> 'then', 'inside', true)
        end || case when c.relkind = 'p' then '{"partitioned": true}' else '{}' end::jsonb
        order by t.level, c.relpartbound is null, c.oid
    )
    from pg_partition_tree((source ->> 'oid')::oid::regclass) as t
    join pg_class as c on c.oid = t.relid;
end;

comment on function pgops.nested_sources(jsonb) is
    'An element of pgops.operation.sources as a list: itself, and where it is partitioned, all that it has, from the top.';

revoke all on function pgops.nested_sources(jsonb) from public;
grant execute on function pgops.nested_sources(jsonb) to pgops_operator;
