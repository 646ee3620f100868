create or replace function pgops.merged_groups(relation regclass, sources regclass[]) returns setof regclass[]
language sql
stable
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set timezone = 'UTC'
begin atomic
    with recursive nested as (
        select s.source, '{}'::text[] collate "C" as path, s.number
        from unnest(sources) with ordinality as s (source, number)
        where not exists (select from pg_inherits as i where i.inhrelid = s.source and i.inhparent = any(sources))
        union all
        select c.oid::regclass, n.path || pg_get_expr(c.relpartbound, c.oid), n.number
        from nested as n
        join pg_inherits as i on i.inhparent = n.source and i.inhrelid = any(sources)
        join pg_class as c on c.oid = i.inhrelid
    )

    select array_agg(n.source order by n.number) from nested as n group by n.path order by n.path;
end;

comment on function pgops.merged_groups(regclass, regclass[]) is
    'Which of some tables are to become one when partitions of a table are merged: these, and of those that are partitioned '
    'themselves the partitions with the same bounds.';

revoke all on function pgops.merged_groups(regclass, regclass[]) from public;
grant execute on function pgops.merged_groups(regclass, regclass[]) to pgops_operator;
