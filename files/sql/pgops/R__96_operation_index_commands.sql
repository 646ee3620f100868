create or replace function pgops.operation_index_commands(operation pgops.operation) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(c.command order by t.number, c.step, c.place), '{}')
    from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
    cross join lateral (
        select 1 as step, carried.place, carried.command
        from pgops.operation_carried(operation, t.target, 'after_copy') with ordinality as carried (command, place)
        union all
        select 1, 1000 * s.number + carried.place, carried.command
        from jsonb_array_elements_text(t.target -> 'subpartition_oids') with ordinality as s (oid, number)
        cross join pgops.carry_indexes(operation.relation, s.oid::oid::regclass) with ordinality as carried (command, place)
        union all
        -- An empty table has no rows that its keys could say anything of; one with partitions gets them by ATTACH.
        select 2, carried.place, carried.command
        from pgops.operation_carried(operation, t.target, 'keys') with ordinality as carried (command, place)
        where operation.method <> 'swap' and not t.target ? 'subpartitions'
        union all
        select 3, 0, format('analyze %s', t.target ->> 'made_as')
        where operation.method = 'swap' and not t.target ? 'partitioned'
    ) as c;
end;

comment on function pgops.operation_index_commands(pgops.operation) is
    'The commands that give the new tables the indexes and keys that they are to have, and statistics; '
    'the foreign keys too, where they are empty.';

revoke all on function pgops.operation_index_commands(pgops.operation) from public;
grant execute on function pgops.operation_index_commands(pgops.operation) to pgops_operator;
