create or replace function app.misplaced_rows() returns table (partition_name text, row_count bigint)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    leaf record;
begin
    for leaf in
        select c.oid::regclass as name, pg_get_partition_constraintdef(c.oid) as bounds
        from pg_class as c
        where c.relnamespace = 'app'::regnamespace and c.relkind = 'r' and c.relispartition
        order by c.relname
    loop
        partition_name := leaf.name::text;
        execute format('select count(*) from %s where not (%s)', leaf.name, leaf.bounds) into row_count;
        if row_count > 0 then
            return next;
        end if;
    end loop;
end
$$;

comment on function app.misplaced_rows() is
    'Partitions of schema app with rows that do not meet their bounds, which PostgreSQL does not let happen: none, or the '
    'files are damaged. Reads all rows. Needs SELECT on the partitions. Locks: ACCESS SHARE.';

revoke all on function app.misplaced_rows() from public;
