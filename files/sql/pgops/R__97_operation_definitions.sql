create or replace function pgops.operation_definitions(operation pgops.operation) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_object_agg(m.source::oid::text, pgops.table_definition(m.source))
    from (
        select operation.relation as source where operation.method = 'convert'
        union
        select s.source from unnest(pgops.operation_sources(operation)) as s (source) where operation.method = 'swap'
        union
        select pgops.operation_followed(operation, t.target)
        from jsonb_array_elements(operation.targets) as t (target) where operation.method = 'swap'
    ) as m
    where m.source is not null;
end;

comment on function pgops.operation_definitions(pgops.operation) is
    'pgops.table_definition() of the tables after which an operation makes others, and of those that they replace, by OID.';

revoke all on function pgops.operation_definitions(pgops.operation) from public;
grant execute on function pgops.operation_definitions(pgops.operation) to pgops_operator;
