create or replace function pgops.covered_range(parent regclass) returns tsmultirange
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(range_agg(tsrange(p.lower_bound, p.upper_bound)), '{}')
    from pgops.partitions(parent) as p
    where not p.is_default;
end;

comment on function pgops.covered_range(regclass) is
    'What the bounds of all partitions but the default cover together (timestamptz keys: as UTC). '
    'Errors: as pgops.range_key(). Reads the catalogue only.';

revoke all on function pgops.covered_range(regclass) from public;
grant execute on function pgops.covered_range(regclass) to pgops_monitor;
