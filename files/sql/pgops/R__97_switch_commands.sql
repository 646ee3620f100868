create or replace function pgops.switch_commands(operation pgops.operation) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with targets as (
        select t.target, t.number, t.target ->> 'made_as' as name, pgops.operation_outside(operation, t.target) as outside
        from jsonb_array_elements(operation.targets) with ordinality as t (target, number)
    ),

    sources as (
        select s.source, s.number, (s.source ->> 'oid')::oid::regclass as name
        from jsonb_array_elements(operation.sources) with ordinality as s (source, number)
    ),

    commands as (
        select 1 as step, t.number, format('alter table %s detach partition %s',
            coalesce(t.outside ->> 'route', pgops.operation_object(operation.relation, operation.operation_id, 'route')), t.name) as command
        from targets as t where operation.method = 'swap' and not t.target ? 'partitioned'
        union all
        select 2, c.number, c.command from pgops.operation_carried_keys(operation, 'release') as c
        union all
        select 3, s.number, format('alter table %s detach partition %s', operation.relation, s.name) from sources as s
        where not s.source ? 'inside'
        union all
        select 4, s.number, format('drop trigger %I on %s', t.tgname, s.name)
        from sources as s
        join pg_trigger as t
            on t.tgrelid = s.name
            and t.tgname in ('pgops_operation_' || operation.operation_id, 'pgops_operation_' || operation.operation_id || '_truncate')
        where s.source ->> 'then' = 'keep'
        union all
        -- What it refers to may be deleted from now on, whatever stands in it until it is dropped.
        select 4, s.number, format('alter table %s drop constraint %I', s.name, k.conname)
        from sources as s
        join pg_constraint as k on k.conrelid = s.name and k.contype = 'f'
        left join pg_constraint as p on p.oid = k.conparentid
        where operation.method = 'swap' and s.source ->> 'then' = 'drop' and p.conrelid is distinct from k.conrelid
            -- Those of a partition's partitions go with it.
            and (k.conparentid = 0 or not s.source ? 'inside')
        union all
        select 5, t.number * 1000, format('alter table %s attach partition %s %s',
            coalesce(t.outside ->> 'made_as', operation.relation::text), t.name,
            pgops.bound_clause(t.target -> 'bound'))
        from targets as t
        union all
        select 5, t.number * 1000 + c.number, c.command
        from targets as t
        cross join pgops.attach_commands(t.name, t.target -> 'subpartitions') with ordinality as c (command, number)
        union all
        select 6, t.number * 1000 + c.number, c.command
        from targets as t
        cross join pgops.operation_carried(operation, t.target, 'switch') with ordinality as c (command, number)
        where operation.method = 'swap'
        union all
        -- Who waits to write straight to the old table finds no table of that name, rather than one that will be dropped.
        select 7, s.number, format('alter table %s rename to %I', s.name,
            format('pgops_operation_%s_old_%s', operation.operation_id, s.number))
        from sources as s where s.source ->> 'then' = 'drop'
        union all
        select 8, t.number, format('alter table %s rename to %I', t.name, (parse_ident(t.target ->> 'name'))[2])
        from targets as t where t.name <> t.target ->> 'name'
    )

    -- A key to the whole table is one command, however many tables are exchanged.
    select coalesce(array_agg(c.command order by c.step, c.number), '{}')
    from (select o.command, min(o.step) as step, min(o.number) as number from commands as o group by o.command) as c;
end;

comment on function pgops.switch_commands(pgops.operation) is
    'The commands that exchange the old tables for the new ones, in order, made before any lock is asked for.';

revoke all on function pgops.switch_commands(pgops.operation) from public;
grant execute on function pgops.switch_commands(pgops.operation) to pgops_operator;
