create or replace function pgops.keeps_numbers(policy jsonb) returns boolean
language sql
immutable
set search_path = pg_catalog, pg_temp
return policy #>> '{retention,keep}' ~ '^[0-9]+$';

comment on function pgops.keeps_numbers(jsonb) is
    'Whether the retention of a policy counts keys below the highest one rather than time; null without retention.';

revoke all on function pgops.keeps_numbers(jsonb) from public;
grant execute on function pgops.keeps_numbers(jsonb) to pgops_operator;
