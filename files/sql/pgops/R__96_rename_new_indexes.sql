create or replace function pgops.rename_new_indexes(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    renamed record;
begin
    for renamed in
        select c.oid::regclass as name, n.new_name
        from jsonb_array_elements(operation.targets) as t (target)
        join pg_index as i on i.indrelid = (t.target ->> 'oid')::oid
        join pg_class as c on c.oid = i.indexrelid
        cross join lateral (
            select (parse_ident(t.target ->> 'name'))[2]
                || substring(c.relname from length((parse_ident(t.target ->> 'made_as'))[2]) + 1) as new_name
        ) as n
        where t.target ->> 'made_as' <> t.target ->> 'name'
            and starts_with(c.relname, (parse_ident(t.target ->> 'made_as'))[2])
            and octet_length(n.new_name) <= 63
            and not exists (select from pg_class as o where o.relnamespace = c.relnamespace and o.relname = n.new_name)
    loop
        perform pgops.run_as_owner(operation.relation, format('alter index %s rename to %I', renamed.name, renamed.new_name));
    end loop;
end
$$;

comment on function pgops.rename_new_indexes(pgops.operation) is
    'Gives indexes of tables that were made under another name the names that they would have had, where those are free. '
    'Locks: SHARE UPDATE EXCLUSIVE on the indexes.';

revoke all on function pgops.rename_new_indexes(pgops.operation) from public;
grant execute on function pgops.rename_new_indexes(pgops.operation) to pgops_operator;
