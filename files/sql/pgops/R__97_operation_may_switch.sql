create or replace function pgops.operation_may_switch(operation pgops.operation) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
return coalesce((operation.options ->> 'switch_after')::timestamptz <= clock_timestamp(), true)
    and (operation.options ->> 'switch' = 'now' or operation.switch_requested);

comment on function pgops.operation_may_switch(pgops.operation) is
    'Whether the moment has come that the options "switch" and "switch_after" of an operation ask for.';

revoke all on function pgops.operation_may_switch(pgops.operation) from public;
grant execute on function pgops.operation_may_switch(pgops.operation) to pgops_operator;
