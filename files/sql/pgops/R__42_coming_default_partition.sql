create or replace function pgops.coming_default_partition(parent regclass, policy jsonb) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(
        pgops.default_partition(parent)::text,
        (select d.partition_name from pgops.plan_default(parent, policy) as d where d.operation = 'create_default')
    );
end;

comment on function pgops.coming_default_partition(regclass, jsonb) is
    'The default partition of a table when the other steps of its plan run: the one that is there, or that the plan makes first; '
    'quoted and with schema, null for none. Reads the catalogue only.';

revoke all on function pgops.coming_default_partition(regclass, jsonb) from public;
grant execute on function pgops.coming_default_partition(regclass, jsonb) to pgops_operator;
