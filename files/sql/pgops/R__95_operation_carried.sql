create or replace function pgops.operation_carried(operation pgops.operation, target jsonb, phase text) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select null::text where operation is null and target is null and phase is null;
end;

comment on function pgops.operation_carried(pgops.operation, jsonb, text) is
    'The commands that give a new table what the ones it takes rows from have and nothing else carries over, by phase: '
    'create, after_copy, switch, after_switch.';

revoke all on function pgops.operation_carried(pgops.operation, jsonb, text) from public;
grant execute on function pgops.operation_carried(pgops.operation, jsonb, text) to pgops_operator;
