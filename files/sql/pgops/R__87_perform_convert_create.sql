create or replace function pgops.perform_convert_create(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass;
    -- Before anything is made after it: what is changed meanwhile will be seen to have been.
    definitions jsonb := pgops.operation_definitions(operation);
begin
    perform pgops.drop_new_tables(operation);
    perform pgops.make_key_log(operation);
    new_table := pgops.make_converted_table(operation);
    update pgops.operation as o
    set targets = jsonb_build_array(operation.targets -> 0 || jsonb_build_object('oid', new_table::oid::bigint, 'made_as',
            pgops.operation_object(operation.relation, operation.operation_id, 'route'))),
        progress = jsonb_strip_nulls(jsonb_build_object('definitions', definitions)), copied_rows = 0,
        sources = (select jsonb_agg(s.source - 'blocks' - 'next_block' order by s.number)
            from jsonb_array_elements(o.sources) with ordinality as s (source, number))
    where o.operation_id = operation.operation_id;
end
$$;

comment on function pgops.perform_convert_create(pgops.operation) is
    'Phase create of a conversion: the log of changed keys, and the new table with its partitions. Begins anew where an '
    'earlier attempt has left something. Errors: those of pgops.make_converted_table().';

revoke all on function pgops.perform_convert_create(pgops.operation) from public;
grant execute on function pgops.perform_convert_create(pgops.operation) to pgops_operator;
