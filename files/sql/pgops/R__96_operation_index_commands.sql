create or replace function pgops.operation_index_commands(operation pgops.operation) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(c.command order by t.number, c.step), '{}')
    from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
    cross join lateral (
        select 1 as step, format('alter table %s add %s', t.target ->> 'made_as', pg_get_constraintdef(k.oid)) as command
        from pg_constraint as k where k.conrelid = operation.relation and k.contype = 'p'
        union all
        select 2, format('alter table %s add %s', t.target ->> 'made_as', pg_get_constraintdef(k.oid))
        from pg_constraint as k where k.conrelid = operation.relation and k.contype in ('u', 'x')
        union all
        -- The server's own words, but for the name of the index and of the table.
        select 3, format('create %sindex on %s %s', case when i.indisunique then 'unique ' else '' end, t.target ->> 'made_as',
            substring(pg_get_indexdef(i.indexrelid) from
                length(format('CREATE %sINDEX %I ON ONLY %s ', case when i.indisunique then 'UNIQUE ' else '' end,
                    x.relname, operation.relation)) + 1))
        from pg_index as i
        join pg_class as x on x.oid = i.indexrelid
        where i.indrelid = operation.relation
            and not exists (select from pg_constraint as k where k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x'))
        union all
        select 4, carried.command
        from pgops.operation_carried(operation, t.target, 'after_copy') as carried (command)
        union all
        select 5, format('analyze %s', t.target ->> 'made_as')
        where operation.method = 'swap'
    ) as c;
end;

comment on function pgops.operation_index_commands(pgops.operation) is
    'The commands that give the new tables the indexes and key constraints of the partitioned table, and statistics.';

revoke all on function pgops.operation_index_commands(pgops.operation) from public;
grant execute on function pgops.operation_index_commands(pgops.operation) to pgops_operator;
