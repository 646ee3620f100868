create or replace function app.remove_statement_triggers() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    left_over record;
begin
    for left_over in
        select t.tgrelid::regclass as relation, t.tgname
        from app.t1_partition as p
        cross join lateral (
            select p.partition::oid as relid union select tree.relid from pg_partition_tree(p.partition) as tree
        ) as former
        join pg_trigger as t on t.tgrelid = former.relid
        join pg_trigger as root
            on root.tgrelid = 'app.t1'::regclass and root.tgname = t.tgname and root.tgfoid = t.tgfoid
        where
            root.tgtype & 1 = 0
            and not exists (
                select from pg_inherits as i where i.inhrelid = p.partition and i.inhparent = 'app.t1'::regclass
            )
    loop
        execute format('drop trigger %I on %s', left_over.tgname, left_over.relation);
    end loop;
end
$$;

comment on function app.remove_statement_triggers() is
    'Takes the triggers that app.add_statement_triggers() made off tables that are partitions of app.t1 no more; what '
    'is written there is no concern of the totals. Needs to be owner of them. Locks: ACCESS EXCLUSIVE on those tables.';

revoke all on function app.remove_statement_triggers() from public;
grant execute on function app.remove_statement_triggers() to transactions_owner;
