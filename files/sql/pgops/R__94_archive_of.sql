create or replace function pgops.archive_of(operation pgops.operation) returns text
language sql
immutable
set search_path = pg_catalog, pg_temp
return (select format('%I.%I', n.parts[1], n.parts[2]) from (select parse_ident(operation.arguments ->> 'into') as parts) as n);

comment on function pgops.archive_of(pgops.operation) is 'Name of the table that keeps the rows of an operation archive, with its schema.';

revoke all on function pgops.archive_of(pgops.operation) from public;
grant execute on function pgops.archive_of(pgops.operation) to pgops_operator;
