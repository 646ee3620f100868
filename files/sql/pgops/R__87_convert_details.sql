create or replace function pgops.convert_details(operation pgops.operation) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    relation regclass := operation.relation;
    new_table regclass := (operation.targets #>> '{0,oid}')::oid::regclass;
    new_name text := operation.targets #>> '{0,name}';
    aside text := operation.targets #>> '{0,aside}';
begin
    return jsonb_build_object(
        'switched', true,
        'after', (
            select coalesce(jsonb_agg(c.command order by c.step, c.number), '[]')
            from (
                select 1 as step, k.number, replace(k.command, new_table::text, new_name) as command
                from pgops.converted_key_commands(relation, new_table, 'after') with ordinality as k (command, number)
                union all
                select 2, k.number, k.command
                from pgops.carry_referencing_keys(relation, 'after_switch') with ordinality as k (command, number)
                union all
                select case when n.is_new then 4 else 3 end, 1,
                    format('alter %s %s.%I rename to %I', n.kind, n.schema_name, n.present_name, n.wanted_name)
                from pgops.exchanged_names(relation, new_table, (parse_ident(aside))[2]) as n
                union all
                select 5, k.number, replace(k.command, new_table::text, new_name)
                from pgops.carry_owner_privileges(relation, new_table) with ordinality as k (command, number)
            ) as c
        ),
        'restore', (
            select coalesce(jsonb_agg(c.command order by c.step, c.number), '[]')
            from (
                select 1 as step, k.number, k.command
                from pgops.converted_key_commands(relation, relation, 'switch') with ordinality as k (command, number)
                union all
                select 2, t.number, t.enabling
                from pgops.own_triggers(relation) with ordinality as t (trigger_table, trigger_name, enabling, number)
                union all
                select 3, 1, format('alter table %s enable %s rule %I', relation,
                    case r.ev_enabled when 'R' then 'replica' when 'A' then 'always' end, r.rulename)
                from pg_rewrite as r where r.ev_class = relation and r.ev_enabled <> 'D'
            ) as c
        ),
        'restore_after', (
            select coalesce(jsonb_agg(c.command order by c.step, c.number), '[]')
            from (
                select 1 as step, k.number, k.command
                from pgops.converted_key_commands(relation, relation, 'after') with ordinality as k (command, number)
                union all
                select 2, 1, format('alter %s %s.%I rename to %I', n.kind, n.schema_name, n.wanted_name, n.present_name)
                from pgops.exchanged_names(relation, new_table, (parse_ident(aside))[2]) as n where not n.is_new
            ) as c
        ),
        'policy', (select p.policy from pgops.partition_policy as p where p.parent = relation)
    );
end
$$;

comment on function pgops.convert_details(pgops.operation) is
    'What is to be known after the switch of a conversion and only the catalogue before it can tell: after, the commands that '
    'follow without hurry; restore and restore_after, those that make the old table what it was, under the locks of an undo '
    'and after it; policy, that of the old table.';

revoke all on function pgops.convert_details(pgops.operation) from public;
grant execute on function pgops.convert_details(pgops.operation) to pgops_operator;
