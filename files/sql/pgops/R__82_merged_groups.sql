create or replace function pgops.merged_groups(sources regclass[]) returns setof regclass[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select array_agg(n.nested order by s.number)
    from unnest(sources) with ordinality as s (source, number)
    cross join pgops.nested_shape(s.source) as n
    where not exists (select from pg_inherits as i where i.inhrelid = s.source and i.inhparent = any(sources))
    group by n.path
    order by n.path;
end;

comment on function pgops.merged_groups(regclass[]) is
    'Which of some tables are to become one when partitions of a table are merged: these, and of those that are partitioned '
    'themselves the partitions with the same bounds.';

revoke all on function pgops.merged_groups(regclass[]) from public;
grant execute on function pgops.merged_groups(regclass[]) to pgops_operator;
