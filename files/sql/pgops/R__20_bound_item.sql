create or replace function pgops.bound_item(value text) returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return '''' || replace(value, '''', '''''') || '''';

comment on function pgops.bound_item(text) is
    'A value as pg_get_expr() writes it in a partition bound, with standard_conforming_strings on: unlike quote_literal() '
    'it leaves a backslash alone.';

revoke all on function pgops.bound_item(text) from public;
grant execute on function pgops.bound_item(text) to pgops_monitor;
