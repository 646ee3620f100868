create or replace function pgops.default_partition_name(parent regclass, policy jsonb) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
return case jsonb_typeof(policy -> 'default')
    when 'string' then policy ->> 'default'
    else (select c.relname || '_default' from pg_class as c where c.oid = parent)
end;

comment on function pgops.default_partition_name(regclass, jsonb) is
    'Name of the default partition that a policy asks for: its own, or <table>_default.';

revoke all on function pgops.default_partition_name(regclass, jsonb) from public;
grant execute on function pgops.default_partition_name(regclass, jsonb) to pgops_operator;
