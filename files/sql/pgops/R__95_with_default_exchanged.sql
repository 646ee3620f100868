create or replace function pgops.with_default_exchanged(relation regclass, design jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    source jsonb := pgops.operation_source(relation, pgops.default_partition(relation), 'drop');
begin
    return design || jsonb_build_object(
        'method', 'swap',
        'sources', design -> 'sources' || source,
        'targets', design -> 'targets' || jsonb_build_object('name', source -> 'name', 'bound', '{"default": true}'::jsonb)
    );
end
$$;

comment on function pgops.with_default_exchanged(regclass, jsonb) is
    'A design of an operation, extended so that the default partition is exchanged for a new one of its name, which '
    'leaves to the other targets the rows that belong to them.';

revoke all on function pgops.with_default_exchanged(regclass, jsonb) from public;
grant execute on function pgops.with_default_exchanged(regclass, jsonb) to pgops_operator;
