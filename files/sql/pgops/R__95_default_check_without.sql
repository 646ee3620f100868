create or replace function pgops.default_check_without(operation pgops.operation, sources regclass[]) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
as $$
declare
    root regclass := operation.relation;
    default_partition regclass := pgops.default_partition(root);
    scratch text := pgops.operation_object(root, operation.operation_id, 'scratch');
    staying record;
    condition text;
begin
    if sources = array[default_partition] then
        return pg_get_partition_constraintdef(default_partition);
    end if;
    -- The server says what a default partition may hold beside the partitions that stay: asked of empty ones like them.
    perform pgops.run_as_owner(root, format('create table %s (like %s including generated) partition by %s', scratch, root,
        pg_get_partkeydef(root)));
    for staying in
        select row_number() over () as number, p.bound from pgops.partition_bounds(root) as p
        where p.partition <> all (sources) or p.partition = default_partition
    loop
        perform pgops.run_as_owner(root, format('create table %s partition of %s %s',
            pgops.operation_object(root, operation.operation_id, 'scratch_' || staying.number), scratch,
            pgops.bound_clause(staying.bound)));
    end loop;
    -- Alone, it may hold everything.
    condition := nullif(concat_ws(' and ',
        pg_get_partition_constraintdef(pgops.default_partition(pgops.find_relation(scratch))),
        pg_get_partition_constraintdef(root)), '');
    perform pgops.run_as_owner(root, format('drop table %s', scratch));
    return condition;
end
$$;

comment on function pgops.default_check_without(pgops.operation, regclass[]) is
    'What the default partition of a table may hold, as the server puts it, once the sources are no partitions any more.';

revoke all on function pgops.default_check_without(pgops.operation, regclass[]) from public;
grant execute on function pgops.default_check_without(pgops.operation, regclass[]) to pgops_operator;
