create or replace function pgops.copy_table_properties(parent regclass, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    command text;
begin
    for command in
        select format('alter table %s enable row level security', partition)
        from pg_class as c where c.oid = parent and c.relrowsecurity
        union all
        select format('alter table %s force row level security', partition)
        from pg_class as c where c.oid = parent and c.relforcerowsecurity
        union all
        select format('comment on table %s is %L', partition, d.description)
        from pg_description as d where d.objoid = parent and d.classoid = 'pg_class'::regclass and d.objsubid = 0
        union all
        select format('alter table %s alter column %I set statistics %s', partition, a.attname, a.attstattarget)
        from pg_attribute as a
        where a.attrelid = parent and a.attnum > 0 and not a.attisdropped and a.attstattarget >= 0
        union all
        select format('alter table %s alter column %I set (%s)', partition, a.attname, array_to_string(a.attoptions, ', '))
        from pg_attribute as a
        where a.attrelid = parent and a.attnum > 0 and not a.attisdropped and a.attoptions is not null
    loop
        perform pgops.run_as_owner(parent, command);
    end loop;
end
$$;

comment on function pgops.copy_table_properties(regclass, regclass) is
    'Gives a new partition what neither CREATE TABLE LIKE nor ATTACH PARTITION carries over: the flags of row-level '
    'security (access straight to the partition is then refused to all but the owner, as it has no policies of its own), '
    'comment, statistics targets and options of columns.';

revoke all on function pgops.copy_table_properties(regclass, regclass) from public;
grant execute on function pgops.copy_table_properties(regclass, regclass) to pgops_operator;
