create or replace function pgops.operation_sources(operation pgops.operation) returns regclass[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg((s.source ->> 'oid')::oid::regclass order by s.number), '{}')
    from jsonb_array_elements(operation.sources) with ordinality as s (source, number)
    where not s.source ? 'partitioned';
end;

comment on function pgops.operation_sources(pgops.operation) is
    'The tables that leave the partitioned table; of one that is exchanged and partitioned itself, those that hold its rows.';

revoke all on function pgops.operation_sources(pgops.operation) from public;
grant execute on function pgops.operation_sources(pgops.operation) to pgops_operator;
