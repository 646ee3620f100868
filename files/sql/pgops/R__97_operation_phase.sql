create or replace function pgops.operation_phase(operation_id bigint) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select o.phase from pgops.operation as o where o.operation_id = operation_phase.operation_id;
end;

comment on function pgops.operation_phase(bigint) is 'The phase of an operation that is next or under way.';

revoke all on function pgops.operation_phase(bigint) from public;
grant execute on function pgops.operation_phase(bigint) to pgops_operator;
