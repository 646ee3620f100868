-- Security invoker: whoever changes the partitions of app.t1 has the rights that this needs, and nobody gets others.
create or replace function app.t1_ddl() returns event_trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    t1_owner name;
    foreign_partition regclass;
begin
    -- Any user's DDL comes here. One who cannot read the list of partitions cannot have changed it.
    if to_regnamespace('app') is null or not has_schema_privilege('app', 'usage')
        or to_regclass('app.t1') is null or to_regclass('app.t1_partition') is null
        or not has_table_privilege('app.t1_partition', 'select')
    then
        return;
    end if;
    if not exists (
        select from (select i.inhrelid from pg_inherits as i where i.inhparent = 'app.t1'::regclass) as i
        full join app.t1_partition as p on p.partition = i.inhrelid
        where p.partition is null or i.inhrelid is null
    ) then
        return;
    end if;
    if current_setting('is_superuser') = 'on' then
        -- The engine acts as the owner of app.t1, and so do the triggers: a superuser's partition would be out of reach.
        select pg_get_userbyid(c.relowner) into t1_owner from pg_class as c where c.oid = 'app.t1'::regclass;
        for foreign_partition in
            select tree.relid from pg_partition_tree('app.t1') as tree
            join pg_class as c on c.oid = tree.relid
            where pg_get_userbyid(c.relowner) <> t1_owner
        loop
            execute format('alter table %s owner to %I', foreign_partition, t1_owner);
        end loop;
    end if;
    perform app.remove_statement_triggers();
    perform app.add_statement_triggers();
    perform app.t1_partitions_changed();
end
$$;

comment on function app.t1_ddl() is
    'Event trigger: after a partition of app.t1 was made, attached, detached or dropped, by the engine or by hand, gives '
    'new ones the owner of app.t1 (when a superuser made them) and its triggers, and accounts for the rows that came or '
    'went: see app.t1_partitions_changed().';

revoke all on function app.t1_ddl() from public;

drop event trigger if exists t1_ddl;

create event trigger t1_ddl on ddl_command_end
when tag in (
    'CREATE TABLE', 'ALTER TABLE', 'DROP TABLE', 'CREATE FOREIGN TABLE', 'DROP FOREIGN TABLE', 'DROP OWNED', 'DROP SCHEMA'
)
execute function app.t1_ddl();
