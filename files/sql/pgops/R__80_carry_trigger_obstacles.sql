create or replace function pgops.carry_trigger_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Incremental views (pg_ivm) hang on triggers of the server's kind that belong to no constraint.
    select distinct format('%s is maintained from %s: drop it (it is a view of extension "%s") and make it again afterwards',
        coalesce(pg_describe_object(d.refclassid, d.refobjid, d.refobjsubid), 'trigger ' || t.tgname), source,
        coalesce(e.extname, 'unknown'))
    from pg_trigger as t
    left join pg_depend as x
        on x.classid = 'pg_proc'::regclass
            and x.objid = t.tgfoid
            and x.refclassid = 'pg_extension'::regclass
            and x.deptype = 'e'
    left join pg_extension as e on e.oid = x.refobjid
    left join pg_depend as d
        on d.classid = 'pg_trigger'::regclass
            and d.objid = t.oid
            and d.refclassid = 'pg_class'::regclass
            and d.refobjid <> source
    where t.tgrelid = source and t.tgisinternal and t.tgconstraint = 0 and t.tgparentid = 0
    union all
    select format('function %s of trigger "%s" of %s may not be executed by %s, the owner of the table: GRANT EXECUTE ON '
        'FUNCTION %s TO %s', t.tgfoid::regprocedure, t.tgname, source, c.relowner::regrole, t.tgfoid::regprocedure,
        c.relowner::regrole)
    from pg_trigger as t
    join pg_class as c on c.oid = t.tgrelid
    join pg_proc as f on f.oid = t.tgfoid
    where t.tgrelid = source
        and not t.tgisinternal
        and t.tgparentid = 0
        and f.pronamespace <> 'pgops'::regnamespace
        and not has_function_privilege(c.relowner, t.tgfoid, 'EXECUTE');
end;

comment on function pgops.carry_trigger_obstacles(regclass) is
    'Triggers of a table that cannot be made on another: those of incremental views, and those whose function its owner may '
    'not use.';

revoke all on function pgops.carry_trigger_obstacles(regclass) from public;
grant execute on function pgops.carry_trigger_obstacles(regclass) to pgops_operator;
