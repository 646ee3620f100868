create or replace function pgops.rename_new_indexes(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    renamed record;
begin
    for renamed in
        select o.kind, o.schema_name, o.name, n.new_name
        from jsonb_array_elements(operation.targets) as t (target)
        cross join lateral (
            select 'index' as kind, c.relnamespace::regnamespace as schema_name, c.relname as name
            from pg_index as i
            join pg_class as c on c.oid = i.indexrelid
            where i.indrelid = (t.target ->> 'oid')::oid
            union all
            select 'statistics', e.stxnamespace::regnamespace, e.stxname
            from pg_statistic_ext as e
            where e.stxrelid = (t.target ->> 'oid')::oid
        ) as o
        cross join lateral (
            select pgops.fitted_name((parse_ident(t.target ->> 'name'))[2],
                substring(o.name from length((parse_ident(t.target ->> 'made_as'))[2]) + 1)) as new_name
        ) as n
        where t.target ->> 'made_as' <> t.target ->> 'name'
            and starts_with(o.name, (parse_ident(t.target ->> 'made_as'))[2])
            and not exists (select from pg_class as e where e.relnamespace = o.schema_name and e.relname = n.new_name)
            and not exists (select from pg_statistic_ext as e where e.stxnamespace = o.schema_name and e.stxname = n.new_name)
    loop
        perform pgops.run_as_owner(operation.relation, format('alter %s %s.%I rename to %I', renamed.kind, renamed.schema_name,
            renamed.name, renamed.new_name));
    end loop;
end
$$;

comment on function pgops.rename_new_indexes(pgops.operation) is
    'Gives indexes and extended statistics of tables that were made under another name the names that they would have had, '
    'where those are free. Locks: SHARE UPDATE EXCLUSIVE on the indexes.';

revoke all on function pgops.rename_new_indexes(pgops.operation) from public;
grant execute on function pgops.rename_new_indexes(pgops.operation) to pgops_operator;
