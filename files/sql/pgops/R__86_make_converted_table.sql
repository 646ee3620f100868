create or replace function pgops.make_converted_table(operation pgops.operation) returns regclass
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    policy jsonb := pgops.convert_policy(relation, operation.arguments);
    key record := pgops.convert_key(policy);
    route text := pgops.operation_object(relation, operation.operation_id, 'route');
    new_table regclass;
    command text;
begin
    perform pgops.run_as_owner(relation, format('create table %s (like %s including all excluding indexes%s) partition by %s (%I)',
        route, relation, case operation.method when 'follow' then ' excluding identity' else '' end, key.strategy, key.column_name));
    new_table := pgops.find_relation(route);
    for command in select c.command from pgops.carry_commands(relation, route, null, 'create') as c (command) loop
        perform pgops.run_as_owner(relation, command);
    end loop;
    perform pgops.make_converted_partitions(relation, new_table, policy - 'hooks');
    -- What partitions have and the table above them cannot have.
    for command in
        select s.command
        from pgops.table_leaves(new_table) as l (leaf)
        cross join pgops.carry_storage((select s.source from pgops.table_leaves(relation) as s (source) order by s.source::oid limit 1), l.leaf) as s (command)
        where case split_part(substr(s.command, length(format('alter table %s set ', l.leaf)) + 1), ' ', 1)
            when 'tablespace' then not policy ? 'tablespace'
            when 'access' then true
            when 'logged' then true
            when 'unlogged' then true
            else not policy ? 'storage_parameters'
        end
    loop
        perform pgops.run_as_owner(relation, command);
    end loop;
    return new_table;
end
$$;

comment on function pgops.make_converted_table(pgops.operation) is
    'Makes the partitioned table of a conversion with all that the table has that is converted, but for indexes, keys and '
    'triggers, and the partitions that its policy and its rows ask for. Errors: those of pgops.make_converted_partitions().';

revoke all on function pgops.make_converted_table(pgops.operation) from public;
grant execute on function pgops.make_converted_table(pgops.operation) to pgops_operator;
