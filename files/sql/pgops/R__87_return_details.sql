create or replace function pgops.return_details(operation pgops.operation) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
begin
    return operation.progress || jsonb_build_object(
        'after',
        -- Its keys go on checking rows that are nobody's any more, so it goes first; all of its rows are in the old table.
        jsonb_build_array(format('drop table %s', pgops.operation_object(operation.relation, operation.operation_id, 'route')))
            || (operation.progress -> 'restore_after')
            || (select coalesce(jsonb_agg(k.command order by k.number), '[]')
                from pgops.carry_referencing_keys(new_table, 'after_switch') with ordinality as k (command, number)),
        'after_done', 0
    );
end
$$;

comment on function pgops.return_details(pgops.operation) is
    'The progress of a conversion once it is undone: after, the commands that follow without hurry.';

revoke all on function pgops.return_details(pgops.operation) from public;
grant execute on function pgops.return_details(pgops.operation) to pgops_operator;
