create or replace function pgops.convert_locks(
    operation pgops.operation,
    phase text
) returns table (locked regclass, is_root boolean)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    written_to regclass := case when operation.progress ? 'switched'
        then (operation.targets #>> '{0,oid}')::oid else operation.relation end;
begin
    return query
        select l.locked, l.locked = written_to and l.number = 0
        from (
            select 0 as number, written_to as locked
            union all
            select 1, f.leaf from pgops.table_leaves(written_to) as f (leaf) where f.leaf <> written_to
            union all
            select 2, c.relation from pgops.carry_locks(array[operation.relation, written_to]) as c where phase <> 'end_switch'
        ) as l
        order by l.number;
end
$$;

comment on function pgops.convert_locks(pgops.operation, text) is
    'What a switch of a conversion locks, ACCESS EXCLUSIVE all of it, in the order in which it does: the table that is written '
    'to, its partitions, and the tables of foreign keys.';

revoke all on function pgops.convert_locks(pgops.operation, text) from public;
grant execute on function pgops.convert_locks(pgops.operation, text) to pgops_operator;
