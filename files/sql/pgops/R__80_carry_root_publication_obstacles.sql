create or replace function pgops.carry_root_publication_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('publication "%s" sends the partitions of %s under their own names, so that a subscriber would keep the rows of %s '
        'there and find none of them under the new names: ALTER PUBLICATION %I SET (publish_via_partition_root = true)', p.pubname,
        r.prrelid::regclass, source, p.pubname)
    from pg_partition_ancestors(source) as a
    join pg_publication_rel as r on r.prrelid = a.relid and a.relid <> source
    join pg_publication as p on p.oid = r.prpubid
    where not p.pubviaroot;
end;

comment on function pgops.carry_root_publication_obstacles(regclass) is
    'Publications of the tables above a partition that name the partition to their subscribers: rows that move to another '
    'partition without being written would be under the wrong name there.';

revoke all on function pgops.carry_root_publication_obstacles(regclass) from public;
grant execute on function pgops.carry_root_publication_obstacles(regclass) to pgops_operator;
