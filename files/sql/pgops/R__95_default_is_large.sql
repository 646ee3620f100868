create or replace function pgops.default_is_large(relation regclass) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select pgops.relation_blocks(pgops.default_partition(relation)) > pgops.configuration_value('operation_scan_blocks');
end;

comment on function pgops.default_is_large(regclass) is
    'Whether the default partition has more blocks than the setting operation_scan_blocks; null where there is none.';

revoke all on function pgops.default_is_large(regclass) from public;
grant execute on function pgops.default_is_large(regclass) to pgops_operator;
