create or replace function pgops.multiple_below(number numeric, every numeric) returns numeric
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return (div(number, every) - (mod(number, every) < 0)::integer) * every;

comment on function pgops.multiple_below(numeric, numeric) is
    'The largest multiple of every, a positive number, that is not above the number: where the piece of a policy by number '
    'begins to which that belongs. By div() and mod(), which are exact: number / every is rounded, up to the next multiple where '
    'both have many digits.';

revoke all on function pgops.multiple_below(numeric, numeric) from public;
grant execute on function pgops.multiple_below(numeric, numeric) to pgops_monitor;
