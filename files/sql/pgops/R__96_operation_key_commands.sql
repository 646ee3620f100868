create or replace function pgops.operation_key_commands(operation pgops.operation) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(carried.command order by t.number, carried.place), '{}')
    from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
    cross join lateral pgops.operation_carried(operation, t.target, 'keys') with ordinality as carried (command, place);
end;

comment on function pgops.operation_key_commands(pgops.operation) is
    'The commands that give the new tables their foreign keys.';

revoke all on function pgops.operation_key_commands(pgops.operation) from public;
grant execute on function pgops.operation_key_commands(pgops.operation) to pgops_operator;
