create or replace function pgops.own_triggers(
    relation regclass
) returns table (trigger_table regclass, trigger_name name, enabling text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- The table before its partitions: what it says of a trigger, they may say otherwise.
    select t.tgrelid::regclass, t.tgname, format('alter table only %s enable %s trigger %I', t.tgrelid::regclass,
        case t.tgenabled when 'R' then 'replica' when 'A' then 'always' end, t.tgname)
    from (
        select relation as name
        union
        select l.leaf from pgops.table_leaves(relation) as l (leaf)
    ) as o
    join pg_trigger as t on t.tgrelid = o.name
    join pg_proc as f on f.oid = t.tgfoid
    where not t.tgisinternal
        and t.tgenabled <> 'D'
        and t.tgname not like 'pgops\_operation\_%'
    order by t.tgrelid <> relation, t.tgrelid, t.tgname;
end;

comment on function pgops.own_triggers(regclass) is
    'The enabled triggers of a table and its partitions that are neither the server''s nor the engine''s, and the commands that '
    'enable each of them as it is.';

revoke all on function pgops.own_triggers(regclass) from public;
grant execute on function pgops.own_triggers(regclass) to pgops_operator;
