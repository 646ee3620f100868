create or replace function pgops.operation_target(relation regclass, name text, bound jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if coalesce(name, '') = '' or octet_length(name) > 63 then
        perform pgops.refuse_operation(format('"name" is %s; accepted: a name without schema of 1 to 63 bytes',
            coalesce('"' || name || '"', 'missing')));
    end if;
    return jsonb_build_object(
        'name', (select format('%s.%I', c.relnamespace::regnamespace, name) from pg_class as c where c.oid = relation),
        'bound', bound
    );
end
$$;

comment on function pgops.operation_target(regclass, text, jsonb) is
    'An element of pgops.operation.targets: a partition that is to be made in the schema of its table. '
    'Errors: 22023 no name, or one over 63 bytes.';

revoke all on function pgops.operation_target(regclass, text, jsonb) from public;
grant execute on function pgops.operation_target(regclass, text, jsonb) to pgops_operator;
