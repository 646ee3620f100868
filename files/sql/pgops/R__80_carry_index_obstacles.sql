create or replace function pgops.carry_index_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select format('index %s of %s is not valid: DROP INDEX or REINDEX it', i.indexrelid::regclass, source)
    from pg_index as i
    where i.indrelid = source and not i.indisvalid
    union all
    select format('column "%s" of %s is an identity column of its own, and several tables cannot go on with one sequence: '
        'ALTER TABLE %s ALTER COLUMN %I DROP IDENTITY', a.attname, source, source, a.attname)
    from pg_attribute as a
    join pg_class as c on c.oid = a.attrelid
    where a.attrelid = source
        and a.attidentity <> ''
        and not a.attisdropped
        and c.relispartition
        -- From PostgreSQL 17 on, all partitions share the identity of the root.
        and current_setting('server_version_num')::integer < 170000;
end;

comment on function pgops.carry_index_obstacles(regclass) is
    'Indexes and identity columns of a table that cannot be made on those that take its place.';

revoke all on function pgops.carry_index_obstacles(regclass) from public;
grant execute on function pgops.carry_index_obstacles(regclass) to pgops_operator;
