create or replace function pgops.carry_index(
    source regclass,
    target regclass,
    index regclass,
    index_name text,
    present boolean
) returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    definition text := pgops.index_definition(index);
    schema_name text := (select c.relnamespace::regnamespace from pg_class as c where c.oid = target);
    qualified_name text := format('%s.%I', schema_name, index_name);
    details record;
    condition text;
begin
    select
        i.*,
        k.oid as constraint_oid,
        pg_get_constraintdef(k.oid) as constraint_definition,
        c.reloptions,
        t.spcname,
        coalesce(' WHERE ' || pg_get_expr(i.indpred, i.indrelid), '') as predicate
    into details
    from pg_index as i
    join pg_class as c on c.oid = i.indexrelid
    left join pg_tablespace as t on t.oid = c.reltablespace
    left join pg_constraint as k on k.conindid = i.indexrelid and k.conrelid = i.indrelid and k.contype in ('p', 'u', 'x')
    where i.indexrelid = index;
    if not present and details.constraint_oid is not null then
        -- What the definition leaves out stands between the columns and what follows them.
        return next format('alter table %s add constraint %I %s', target, index_name, regexp_replace(
            details.constraint_definition, '( WHERE \(.*\))?( DEFERRABLE( INITIALLY DEFERRED)?)?$',
            replace(concat(' with (' || array_to_string(details.reloptions, ', ') || ')',
                ' using index tablespace ' || quote_ident(details.spcname)), '\', '\\') || '\1\2'
        ));
    elsif not present then
        condition := right(definition, length(details.predicate));
        if condition = details.predicate then
            definition := left(definition, length(definition) - length(condition));
        end if;
        return next format('create %s index %I on %s %s', case when details.indisunique then 'unique' end, index_name, target,
            definition || coalesce(' tablespace ' || quote_ident(details.spcname), '') || condition);
    end if;
    return query
        select format('alter index %s alter column %s set statistics %s', qualified_name, a.attnum, a.attstattarget)
        from pg_attribute as a where a.attrelid = index and a.attstattarget >= 0 order by a.attnum;
    return query
        select format('comment on %s is %L', d.object_name, d.description)
        from (values
            ('index ' || qualified_name, obj_description(index, 'pg_class')),
            (format('constraint %I on %s', index_name, target), obj_description(details.constraint_oid, 'pg_constraint'))
        ) as d (object_name, description)
        where d.description is not null;
    -- A partitioned table has no order of rows.
    if details.indisclustered and (select c.relkind from pg_class as c where c.oid = target) = 'r' then
        return next format('alter table %s cluster on %I', target, index_name);
    end if;
    if details.indisreplident and exists (select from pg_class as c where c.oid = source and c.relreplident = 'i') then
        return next format('alter table %s replica identity using index %I', target, index_name);
    end if;
end
$$;

comment on function pgops.carry_index(regclass, regclass, regclass, text, boolean) is
    'Commands that give a table an index of another, or the constraint that it belongs to, under a name (unless it is '
    'present), then its statistics targets, comments, CLUSTER mark and rank as replica identity.';

revoke all on function pgops.carry_index(regclass, regclass, regclass, text, boolean) from public;
grant execute on function pgops.carry_index(regclass, regclass, regclass, text, boolean) to pgops_operator;
