create or replace function pgops.return_switch_commands(operation pgops.operation) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
begin
    return array(
        select c.command
        from (
            select 1 as step, k.command, k.number from pgops.carry_referencing_keys(new_table, 'release') with ordinality as k (command, number)
            union all
            select 2, k.command, k.number from pgops.carry_publications(new_table, relation) with ordinality as k (command, number)
            union all
            select 3, k.command, k.number from pgops.carry_sequences(new_table, relation) with ordinality as k (command, number)
            union all
            select 4, k.command, k.number from pgops.identity_commands(new_table, relation) with ordinality as k (command, number)
            union all
            select 5, k.command, k.number from pgops.log_trigger_commands(operation, new_table, 'drop') with ordinality as k (command, number)
            union all
            -- Those of the old table were taken from it when it was put aside; the new one has what holds now.
            select 6, k.command, k.number from pgops.carry_privileges(new_table, relation) with ordinality as k (command, number)
            union all
            select 7, format('alter table %s rename to %I', new_table,
                (parse_ident(pgops.operation_object(relation, operation.operation_id, 'route')))[2]), 1
            union all
            select 8, format('alter table %s rename to %I', relation, (parse_ident(operation.targets #>> '{0,name}'))[2]), 1
            union all
            select 9, r.command #>> '{}', r.number
            from jsonb_array_elements(operation.progress -> 'restore') with ordinality as r (command, number)
            union all
            select 10, k.command, k.number from pgops.carry_referencing_keys(new_table, 'switch') with ordinality as k (command, number)
            union all
            select 11, k.command, k.number from pgops.repoint_commands(new_table) with ordinality as k (command, number)
        ) as c
        order by c.step, c.number
    );
end
$$;

comment on function pgops.return_switch_commands(pgops.operation) is
    'The commands by which an undone conversion puts the old table back in its place, in order, made before any lock is asked '
    'for.';

revoke all on function pgops.return_switch_commands(pgops.operation) from public;
grant execute on function pgops.return_switch_commands(pgops.operation) to pgops_operator;
