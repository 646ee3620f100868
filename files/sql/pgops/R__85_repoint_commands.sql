create or replace function pgops.repoint_commands(relation regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Made while the table still has its name, run when another has it.
    select format('create or replace view %s%s as %s', v.oid::regclass,
        (
            select format(' with (%s)', string_agg(format('%I = %L', o.option_name, o.option_value), ', '))
            from pg_options_to_table(v.reloptions) as o having count(*) > 0
        ),
        pg_get_viewdef(v.oid))
    from pgops.table_dependents(relation) as d
    join pg_class as v on d.classid = 'pg_class'::regclass and v.oid = d.objid and v.relkind = 'v'
    union all
    select pg_get_functiondef(f.oid)
    from pgops.table_dependents(relation) as d
    join pg_proc as f on d.classid = 'pg_proc'::regclass and f.oid = d.objid and f.prosqlbody is not null;
end;

comment on function pgops.repoint_commands(regclass) is
    'Commands that make the views and SQL functions which depend on a table depend on the one that has its name when they '
    'are run. Their owners, privileges and comments stay. Locks then: ACCESS EXCLUSIVE on the views.';

revoke all on function pgops.repoint_commands(regclass) from public;
grant execute on function pgops.repoint_commands(regclass) to pgops_operator;
