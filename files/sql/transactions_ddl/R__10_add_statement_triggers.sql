create or replace function app.add_statement_triggers() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    missing record;
begin
    for missing in
        select
            tree.relid as partition,
            root.tgname,
            root.tgenabled,
            root.tgfoid::regproc as trigger_function,
            case when root.tgtype & 2 = 2 then 'before' else 'after' end as timing,
            case root.tgtype & 60
                when 4 then 'insert' when 8 then 'delete' when 16 then 'update' when 32 then 'truncate'
            end as event,
            concat_ws(' ', 'referencing ' || nullif(concat_ws(' ',
                'old table as ' || quote_ident(root.tgoldtable),
                'new table as ' || quote_ident(root.tgnewtable)), '')) as referencing
        from pg_partition_tree('app.t1') as tree
        join pg_trigger as root on root.tgrelid = 'app.t1'::regclass and root.tgtype & 1 = 0 and not root.tgisinternal
        where
            tree.level > 0
            and not exists (select from pg_trigger as t where t.tgrelid = tree.relid and t.tgname = root.tgname)
    loop
        execute format('create or replace trigger %I %s %s on %s %s for each statement execute function %s()',
            missing.tgname, missing.timing, missing.event, missing.partition, missing.referencing,
            missing.trigger_function);
        if missing.tgenabled = 'A' then
            execute format('alter table %s enable always trigger %I', missing.partition, missing.tgname);
        end if;
    end loop;
end
$$;

comment on function app.add_statement_triggers() is
    'Puts the statement-level triggers of app.t1 on those of its partitions that lack them: the server copies only '
    'row-level triggers. Needs to be owner of the partitions. Locks: SHARE ROW EXCLUSIVE on those partitions.';

revoke all on function app.add_statement_triggers() from public;
grant execute on function app.add_statement_triggers() to transactions_owner;
