create or replace function pgops.operation_old_tables(operation pgops.operation) returns regclass[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg((s.source ->> 'oid')::oid::regclass order by s.number), '{}')
    from jsonb_array_elements(operation.sources) with ordinality as s (source, number);
end;

comment on function pgops.operation_old_tables(pgops.operation) is
    'The tables that leave the partitioned table, with those that are partitioned themselves and all that they have.';

revoke all on function pgops.operation_old_tables(pgops.operation) from public;
grant execute on function pgops.operation_old_tables(pgops.operation) to pgops_operator;
