create or replace function pgops.operation_carried(operation pgops.operation, target jsonb, phase text) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select c.command
    from pgops.carry_commands(
        pgops.operation_followed(operation, target), target ->> 'made_as', operation.relation, phase
    ) with ordinality as c (command, number)
    order by c.number;
end;

comment on function pgops.operation_carried(pgops.operation, jsonb, text) is
    'The commands that give a new table what the one has that it follows, by pgops.operation_followed(). phase: as of '
    'pgops.carry_commands().';

revoke all on function pgops.operation_carried(pgops.operation, jsonb, text) from public;
grant execute on function pgops.operation_carried(pgops.operation, jsonb, text) to pgops_operator;
