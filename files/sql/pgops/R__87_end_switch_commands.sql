create or replace function pgops.end_switch_commands(operation pgops.operation) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
begin
    return array(
        select k.command
        from pgops.log_trigger_commands(operation, new_table, 'drop') as k (command)
        where operation.method = 'convert'
        union all
        select format('drop trigger if exists %I on %s', n.name, s.source)
        from unnest(pgops.operation_sources(operation)) as s (source)
        cross join (values
            ('pgops_operation_' || operation.operation_id), ('pgops_operation_' || operation.operation_id || '_truncate')
        ) as n (name)
        where operation.method = 'follow'
    );
end
$$;

comment on function pgops.end_switch_commands(pgops.operation) is
    'The commands that end the keeping in step of two tables: the triggers that note changed rows go.';

revoke all on function pgops.end_switch_commands(pgops.operation) from public;
grant execute on function pgops.end_switch_commands(pgops.operation) to pgops_operator;
