create or replace function pgops.fitted_name(base text, suffix text) returns text
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return (
    select left(base, n.characters) || suffix
    from generate_series(length(base), 0, -1) as n (characters)
    where octet_length(left(base, n.characters) || suffix) <= 63
    order by n.characters desc
    limit 1
);

comment on function pgops.fitted_name(text, text) is
    'A name made of another (base) and an ending, the former shortened by whole characters so that both fit into 63 bytes.';

revoke all on function pgops.fitted_name(text, text) from public;
grant execute on function pgops.fitted_name(text, text) to pgops_monitor;
