create or replace function pgops.operation_definitions(operation pgops.operation) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_object_agg(m.source::oid::text, concat(
        case when m.is_whole then pgops.table_definition(m.source) end,
        case when operation.method = 'swap' then pgops.attached_definition(m.source) end
    ))
    from (
        select d.source, bool_or(d.is_whole) as is_whole
        from (
            select operation.relation as source, operation.method in ('convert', 'attach') as is_whole
            where operation.method in ('convert', 'attach', 'swap')
            union all
            select s.source, true from unnest(pgops.operation_old_tables(operation)) as s (source) where operation.method = 'swap'
            union all
            select pgops.operation_followed(operation, t.target), true
            from jsonb_array_elements(operation.targets) as t (target) where operation.method = 'swap'
        ) as d
        where d.source is not null
        group by d.source
    ) as m;
end;

comment on function pgops.operation_definitions(pgops.operation) is
    'pgops.table_definition() of the tables after which an operation makes others, and of those that they replace, by OID; where new '
    'tables are attached when they are filled, also pgops.attached_definition() of these and of the partitioned table.';

revoke all on function pgops.operation_definitions(pgops.operation) from public;
grant execute on function pgops.operation_definitions(pgops.operation) to pgops_operator;
