create or replace function pgops.convert_switch_commands(operation pgops.operation) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
    log_name text := pgops.operation_object(relation, operation.operation_id, 'log');
begin
    return array(
        select c.command
        from (
            select 1 as step, k.command, k.number from pgops.carry_referencing_keys(relation, 'release') with ordinality as k (command, number)
            union all
            select 2, k.command, k.number from pgops.carry_triggers(relation, new_table) with ordinality as k (command, number)
            union all
            select 3, k.command, k.number from pgops.carry_rules(relation, new_table) with ordinality as k (command, number)
            union all
            select 4, k.command, k.number from pgops.carry_publications(relation, new_table) with ordinality as k (command, number)
            union all
            select 5, k.command, k.number from pgops.carry_sequences(relation, new_table) with ordinality as k (command, number)
            union all
            select 6, k.command, k.number from pgops.identity_commands(relation, new_table) with ordinality as k (command, number)
            union all
            select 7, k.command, k.number
            from pgops.converted_key_commands(relation, new_table, 'switch') with ordinality as k (command, number)
            union all
            -- The old table is kept in step a little later: its keys and triggers must not act meanwhile.
            select 8, format('alter table %s drop constraint %I', relation, k.conname), 1
            from pg_constraint as k
            left join pg_constraint as p on p.oid = k.conparentid
            where k.conrelid = relation and k.contype = 'f' and p.conrelid is distinct from k.conrelid
            union all
            select 9, format('alter table only %s disable trigger %I', t.trigger_table, t.trigger_name), 1
            from pgops.own_triggers(relation) as t
            union all
            select 10, format('alter table %s disable rule %I', relation, r.rulename), 1
            from pg_rewrite as r where r.ev_class = relation and r.ev_enabled <> 'D'
            union all
            select 11, format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass), 1
            from pg_trigger as t
            where t.tgrelid = any (pgops.operation_sources(operation)) and t.tgname in (
                'pgops_operation_' || operation.operation_id, 'pgops_operation_' || operation.operation_id || '_truncate'
            )
            union all
            select 12, 'delete from ' || log_name, 1
            union all
            select 13, k.command, k.number from pgops.log_trigger_commands(operation, new_table, 'enable row') with ordinality as k (command, number)
            union all
            -- It goes on receiving rows: who loses rights on the new table must not find them here.
            select 14, format('revoke all on table %s from %s cascade', relation,
                case a.grantee when 0 then 'public' else a.grantee::regrole::text end), 1
            from (
                select e.grantee, c.relowner from pg_class as c cross join aclexplode(c.relacl) as e where c.oid = relation
                union
                select e.grantee, c.relowner
                from pg_class as c
                join pg_attribute as t on t.attrelid = c.oid and not t.attisdropped
                cross join aclexplode(t.attacl) as e
                where c.oid = relation
            ) as a
            where a.grantee <> a.relowner
            union all
            select 15, format('alter table %s rename to %I', relation, (parse_ident(operation.targets #>> '{0,aside}'))[2]), 1
            union all
            select 16, format('alter table %s rename to %I', new_table, (parse_ident(operation.targets #>> '{0,name}'))[2]), 1
            union all
            select 17, k.command, k.number from pgops.carry_referencing_keys(relation, 'switch') with ordinality as k (command, number)
            union all
            select 18, k.command, k.number from pgops.repoint_commands(relation) with ordinality as k (command, number)
        ) as c
        order by c.step, c.number
    );
end
$$;

comment on function pgops.convert_switch_commands(pgops.operation) is
    'The commands that put the new table of a conversion in the place of the old one, in order, made before any lock is asked '
    'for: while the tables still have the names that stand in them.';

revoke all on function pgops.convert_switch_commands(pgops.operation) from public;
grant execute on function pgops.convert_switch_commands(pgops.operation) to pgops_operator;
