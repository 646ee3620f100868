create or replace function pgops.partitions_within(parent regclass, period tsrange) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        (array_agg(format(
            '%s (from %s up to %s)',
            p.partition,
            coalesce(pgops.bound_literal(p.lower_bound, k.key_type), 'MINVALUE'),
            coalesce(pgops.bound_literal(p.upper_bound, k.key_type), 'MAXVALUE')
        ) order by p.lower_bound nulls first))[1]
        || case count(*)
            when 1 then ''
            when 2 then ' and another partition'
            else format(' and %s other partitions', count(*) - 1)
        end
    from pgops.range_key(parent) as k
    cross join pgops.partitions(parent) as p
    where not p.is_default and tsrange(p.lower_bound, p.upper_bound) && period;
end;

comment on function pgops.partitions_within(regclass, tsrange) is
    'Who takes rows of a period (timestamptz keys: as UTC), in words: the first such partition with its bounds, and how '
    'many others; null for none. Errors and locks: as pgops.partitions().';

revoke all on function pgops.partitions_within(regclass, tsrange) from public;
grant execute on function pgops.partitions_within(regclass, tsrange) to pgops_monitor;
