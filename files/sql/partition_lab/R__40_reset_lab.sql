create or replace procedure app.reset_lab()
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    lab_tables constant text[] := array['event_logs', 'users_distributed', 'orders_by_region', 'sales_data'];
    lab_table text;
    found record;
begin
    foreach lab_table in array lab_tables loop
        execute format('create table app.%I (like app.%I including all)', lab_table || '_fresh', lab_table);
        execute format(
            'comment on table app.%I is %L', lab_table || '_fresh',
            obj_description(format('app.%I', lab_table)::regclass, 'pg_class')
        );
    end loop;
    -- Everything else that is no partition, which goes with its table: what the scenarios have made, too.
    for found in
        select c.oid::regclass as name
        from pg_class as c
        where
            c.relnamespace = 'app'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
            and c.relname <> all (select unnest(lab_tables) || '_fresh')
    loop
        execute format('drop table %s', found.name);
    end loop;
    foreach lab_table in array lab_tables loop
        -- Their names were made from that of the table; those of the first deploy too.
        for found in
            select i.indexrelid::regclass as name, replace(c.relname, lab_table || '_fresh', lab_table) as new_name
            from pg_index as i
            join pg_class as c on c.oid = i.indexrelid
            where i.indrelid = format('app.%I', lab_table || '_fresh')::regclass
        loop
            execute format('alter index %s rename to %I', found.name, found.new_name);
        end loop;
        execute format('alter table app.%I rename to %I', lab_table || '_fresh', lab_table);
        execute format('alter sequence app.%I restart', lab_table || '_id_seq');
    end loop;
    perform app.grant_rights();
end
$$;

comment on procedure app.reset_lab() is
$$Takes the lab back to what a first deploy has made: four plain tables without rows, and no other table in schema app.
Their definitions are read from those that are there. All rows are lost.
Needs to be called by the owner of the tables; operations of the engine on them must be over. One transaction.
Locks: ACCESS EXCLUSIVE on all tables of schema app.$$;

revoke all on procedure app.reset_lab() from public;
