create or replace function pgops.publish_converted_table(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
    new_name text := (parse_ident(operation.targets #>> '{0,name}'))[2];
begin
    perform pgops.rename_new_indexes(operation);
    perform pgops.run_as_owner(operation.relation, format('alter table %s rename to %I', new_table, new_name));
    perform pgops.set_partition_policy(new_table, pgops.convert_policy(new_table, operation.arguments));
end
$$;

comment on function pgops.publish_converted_table(pgops.operation) is
    'Phase publish of a conversion that leaves the old table alone: gives the new one, which is equal to it, its name and its '
    'policy. Errors: 42P07 the name was taken meanwhile.';

revoke all on function pgops.publish_converted_table(pgops.operation) from public;
grant execute on function pgops.publish_converted_table(pgops.operation) to pgops_operator;
