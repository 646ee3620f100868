create or replace function pgops.exchanged_names(
    relation regclass,
    new_table regclass,
    aside_name text
) returns table (kind text, schema_name text, present_name name, wanted_name name, is_new boolean)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    with named as (
        select 'index' as kind, i.indrelid as owner, c.relname as name, null::name as column_name
        from pg_index as i
        join pg_class as c on c.oid = i.indexrelid
        where i.indrelid in (relation, new_table)
        union all
        select 'statistics', e.stxrelid, e.stxname, null
        from pg_statistic_ext as e
        where e.stxrelid in (relation, new_table)
        union all
        select 'sequence', d.refobjid, c.relname, a.attname
        from pg_depend as d
        join pg_class as c on c.oid = d.objid and c.relkind = 'S'
        join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid and a.attidentity <> ''
        where d.classid = 'pg_class'::regclass
            and d.refclassid = 'pg_class'::regclass
            and d.refobjid in (relation, new_table)
            and d.deptype = 'i'
    ),

    tables as (
        select o.relname as old_name, n.relname as new_name, o.relnamespace as namespace
        from pg_class as o
        join pg_class as n on n.oid = new_table
        where o.oid = relation
    )

    select x.kind, t.namespace::regnamespace::text, x.present_name, x.wanted_name, x.is_new
    from named as o
    cross join tables as t
    cross join lateral (
        select (case when starts_with(o.name, t.old_name) then t.new_name || substr(o.name, length(t.old_name) + 1)
            else t.new_name || '_' || o.name end)::name as made_as
    ) as m
    join named as n
        on n.owner = new_table
            and n.kind = o.kind
            and (n.name = m.made_as and n.kind <> 'sequence' or n.column_name = o.column_name)
    cross join lateral (
        select o.kind, o.name as present_name, (case when starts_with(o.name, t.old_name)
            then aside_name || substr(o.name, length(t.old_name) + 1) else o.name || '_old' end)::name as wanted_name, false as is_new
        union all
        select o.kind, n.name as present_name, o.name as wanted_name, true as is_new
    ) as x
    where o.owner = relation
        -- A name that is taken stays with who has it, and so do both of a pair.
        and not exists (
            select from pg_class as c
            where c.relnamespace = t.namespace
                and c.relname = (case when starts_with(o.name, t.old_name)
                    then aside_name || substr(o.name, length(t.old_name) + 1) else o.name || '_old' end)::name
        )
    order by x.is_new, x.kind, x.present_name;
end;

comment on function pgops.exchanged_names(regclass, regclass, text) is
    'Indexes, statistics objects and identity sequences that change their names when a new table takes the name of another: '
    'those of the old table first (is_new false), which make room for those of the new one.';

revoke all on function pgops.exchanged_names(regclass, regclass, text) from public;
grant execute on function pgops.exchanged_names(regclass, regclass, text) to pgops_operator;
