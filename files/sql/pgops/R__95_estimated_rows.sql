create or replace function pgops.estimated_rows(relation regclass) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    blocks bigint := pgops.relation_blocks(relation);
    known record;
begin
    select sum(c.reltuples) as rows, sum(c.relpages) as pages into known
    from pg_class as c
    where c.relkind = 'r' and c.reltuples >= 0
        and (c.oid = relation or c.oid in (select p.relid from pg_partition_tree(relation) as p));
    if blocks <= 1000 or coalesce(known.pages, 0) = 0 then
        return pgops.value_as_owner(relation, format('select count(*) from %s', relation));
    end if;
    return known.rows * blocks / known.pages;
end
$$;

comment on function pgops.estimated_rows(regclass) is
    'Rows of a table: counted up to 1,000 blocks and where it was never analysed, else the planner''s number in '
    'proportion to its size. Locks: ACCESS SHARE on the table.';

revoke all on function pgops.estimated_rows(regclass) from public;
grant execute on function pgops.estimated_rows(regclass) to pgops_operator;
