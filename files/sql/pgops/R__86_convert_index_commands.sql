create or replace function pgops.convert_index_commands(operation pgops.operation) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
    key_columns name[] := pgops.convert_key_columns(pgops.convert_policy(relation, operation.arguments));
    narrow record;
    commands text[];
    definition text;
begin
    commands := array(
        select c.command from pgops.carry_indexes(relation, new_table) as c (command)
        union all
        select c.command from pgops.carry_checks(relation, new_table, true) as c (command)
    );
    for narrow in select k.*, o.oid from pgops.narrow_keys(relation, key_columns) as k
        join pg_constraint as o on o.conrelid = relation and o.conname = k.constraint_name
    loop
        definition := pg_get_constraintdef(narrow.oid);
        -- The first parentheses enclose its columns.
        commands := array(
            select replace(c.command, definition, regexp_replace(definition, '\)', format(', %s)',
                (select string_agg(quote_ident(m.name), ', ') from unnest(narrow.missing) as m (name)))))
            from unnest(commands) with ordinality as c (command, number)
            order by c.number
        );
    end loop;
    if operation.method = 'convert' then
        -- For the way back; made before the switch, which only enables them.
        commands := commands || array(select t.command from pgops.log_trigger_commands(operation, new_table, 'make') as t (command));
    end if;
    return commands || format('analyze %s', new_table);
end
$$;

comment on function pgops.convert_index_commands(pgops.operation) is
    'The commands that give the new table of a conversion its indexes and unique constraints, those that lack a column of '
    'the partition key made wider, the CHECKs that are not valid, the triggers for the way back, and statistics.';

revoke all on function pgops.convert_index_commands(pgops.operation) from public;
grant execute on function pgops.convert_index_commands(pgops.operation) to pgops_operator;
