create or replace function pgops.replay_tables(operation pgops.operation, out target text, out source text)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    columns text := pgops.readable_columns(operation.relation);
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
begin
    if operation.progress ? 'switched' then
        -- The new table is the one that is written to: the old one is kept in step.
        target := operation.relation::text;
        source := format('select %s from %s', columns, new_table);
        return;
    end if;
    target := case when operation.method in ('convert', 'follow') then new_table::text
        else pgops.operation_object(operation.relation, operation.operation_id, 'route') end;
    select string_agg(format('select %s from only %s', columns, s.source), ' union all ') into source
    from unnest(pgops.operation_sources(operation)) as s (source);
end
$$;

comment on function pgops.replay_tables(pgops.operation) is
    'Between which tables an operation carries changed rows: target, the table into which; source, a query for all rows of '
    'the others. After the switch of a conversion that is from the new table back to the old one.';

revoke all on function pgops.replay_tables(pgops.operation) from public;
grant execute on function pgops.replay_tables(pgops.operation) to pgops_operator;
