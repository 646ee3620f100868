create or replace function pgops.carry_statistics(source regclass, target regclass) returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    object record;
    object_name text;
    schema_name text := (select c.relnamespace::regnamespace from pg_class as c where c.oid = target);
    taken text[] := array(
        select e.stxname
        from pg_statistic_ext as e
        join pg_class as c on c.relnamespace = e.stxnamespace
        where c.oid = target
    );
begin
    for object in
        select e.oid, e.stxname, e.stxstattarget, d.kinds, d.columns, m.stxname as present
        from pg_statistic_ext as e
        cross join pgops.statistics_definition(e.oid) as d
        -- CREATE TABLE LIKE may have made it.
        left join lateral (
            select t.stxname from pg_statistic_ext as t cross join pgops.statistics_definition(t.oid) as p
            where t.stxrelid = target and p.kinds = d.kinds and p.columns = d.columns
            limit 1
        ) as m on true
        where e.stxrelid = source
        order by e.stxname
    loop
        object_name := pgops.carried_name(source, target, object.stxname, object.present, taken);
        taken := taken || object_name;
        if object.present is null then
            return next format('create statistics %s.%I %s on %s from %s',
                schema_name, object_name, object.kinds, object.columns, target);
        elsif object.present <> object_name then
            return next format('alter statistics %s.%I rename to %I', schema_name, object.present, object_name);
        end if;
        if object.stxstattarget >= 0 then
            return next format('alter statistics %s.%I set statistics %s', schema_name, object_name, object.stxstattarget);
        end if;
        if obj_description(object.oid, 'pg_statistic_ext') is not null then
            return next format('comment on statistics %s.%I is %L',
                schema_name, object_name, obj_description(object.oid, 'pg_statistic_ext'));
        end if;
    end loop;
end
$$;

comment on function pgops.carry_statistics(regclass, regclass) is
    'Commands that give a new table the extended statistics of another, with their targets and comments.';

revoke all on function pgops.carry_statistics(regclass, regclass) from public;
grant execute on function pgops.carry_statistics(regclass, regclass) to pgops_operator;
