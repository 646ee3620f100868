create or replace function pgops.switch_commands(operation pgops.operation) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(c.command order by c.step, c.number), '{}')
    from (
        select 1 as step, t.number, format('alter table %s detach partition %s',
            pgops.operation_object(operation.relation, operation.operation_id, 'route'), t.target ->> 'made_as') as command
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        where operation.method = 'swap'
        union all
        select 2, s.number, format('alter table %s detach partition %s', operation.relation, (s.source ->> 'oid')::oid::regclass)
        from jsonb_array_elements(operation.sources) with ordinality as s (source, number)
        union all
        -- Who waits to write straight to the old table finds no table of that name, rather than one that will be dropped.
        select 3, s.number, format('alter table %s rename to %I', (s.source ->> 'oid')::oid::regclass,
            format('pgops_operation_%s_old_%s', operation.operation_id, s.number))
        from jsonb_array_elements(operation.sources) with ordinality as s (source, number)
        where s.source ->> 'then' = 'drop'
        union all
        select 4, s.number, format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
        from jsonb_array_elements(operation.sources) with ordinality as s (source, number)
        join pg_trigger as t
            on t.tgrelid = (s.source ->> 'oid')::oid
            and t.tgname in ('pgops_operation_' || operation.operation_id, 'pgops_operation_' || operation.operation_id || '_truncate')
        where s.source ->> 'then' = 'keep'
        union all
        select 5, t.number, format('alter table %s rename to %I', t.target ->> 'made_as', (parse_ident(t.target ->> 'name'))[2])
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        where t.target ->> 'made_as' <> t.target ->> 'name'
        union all
        select 6, t.number, format('alter table %s attach partition %s %s', operation.relation, t.target ->> 'name',
            pgops.bound_clause(t.target -> 'bound'))
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        union all
        select 7, t.number, format('alter table %s drop constraint %I', t.target ->> 'name', k.conname)
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        join pg_constraint as k
            on k.conrelid = (t.target ->> 'oid')::oid and k.conname = 'pgops_operation_' || operation.operation_id
        union all
        select 8, 1, format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname)
        from pg_constraint as k
        where k.conrelid = pgops.default_partition(operation.relation)
            and k.conname = 'pgops_operation_' || operation.operation_id
        union all
        select 9, t.number, format('alter table %s replica identity %s', t.target ->> 'name',
            case r.relreplident when 'f' then 'full' else 'nothing' end)
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        join pg_class as r on r.oid = operation.relation and r.relreplident in ('f', 'n')
        union all
        select 10, t.number, carried.command
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
        cross join lateral pgops.operation_carried(operation, t.target, 'switch') as carried (command)
    ) as c;
end;

comment on function pgops.switch_commands(pgops.operation) is
    'The commands that exchange the old tables for the new ones, in order, made before any lock is asked for.';

revoke all on function pgops.switch_commands(pgops.operation) from public;
grant execute on function pgops.switch_commands(pgops.operation) to pgops_operator;
