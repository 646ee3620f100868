create or replace function pgops.operation_outside(operation pgops.operation, target jsonb) returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
begin atomic
    select t.target
    from jsonb_array_elements(operation.targets) as t (target)
    where t.target -> 'name' = operation_outside.target -> 'inside';
end;

comment on function pgops.operation_outside(pgops.operation, jsonb) is
    'The element of pgops.operation.targets that is to have another one as a partition; null for one that the table itself is to have.';

revoke all on function pgops.operation_outside(pgops.operation, jsonb) from public;
grant execute on function pgops.operation_outside(pgops.operation, jsonb) to pgops_operator;
