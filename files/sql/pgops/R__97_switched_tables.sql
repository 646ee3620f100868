create or replace function pgops.switched_tables(operation pgops.operation) returns regclass[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select case
        when operation.method in ('swap', 'attach') then operation.relation || pgops.operation_old_tables(operation)
        when operation.method = 'convert' then array(
            select t.relid from pg_partition_tree(case when operation.progress ? 'switched'
                then (operation.targets #>> '{0,oid}')::oid::regclass else operation.relation end) as t
            union
            select operation.relation::oid where not operation.progress ? 'switched'
        )
        else '{}'
    end;
end;

comment on function pgops.switched_tables(pgops.operation) is
    'The tables of which all that is declared has to be what the commands of a switch were made for; none where none follows.';

revoke all on function pgops.switched_tables(pgops.operation) from public;
grant execute on function pgops.switched_tables(pgops.operation) to pgops_operator;
