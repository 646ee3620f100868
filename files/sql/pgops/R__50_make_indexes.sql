create or replace function pgops.make_indexes(parent regclass, policy jsonb, partition regclass) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    command text;
begin
    for command in
        select format('create%s index on %s using %I (%s)%s', case when i.value ->> 'unique' = 'true' then ' unique' else '' end,
            partition, coalesce(i.value ->> 'method', 'btree'), c.columns, ' include (' || n.columns || ')')
        from jsonb_array_elements(policy -> 'indexes') with ordinality as i (value, position)
        cross join lateral (
            select string_agg(quote_ident(e.name), ', ' order by e.position) as columns
            from jsonb_array_elements_text(i.value -> 'columns') with ordinality as e (name, position)
        ) as c
        cross join lateral (
            select string_agg(quote_ident(e.name), ', ' order by e.position) as columns
            from jsonb_array_elements_text(i.value -> 'include') with ordinality as e (name, position)
        ) as n
        order by i.position
    loop
        perform pgops.run_as_owner(parent, command);
    end loop;
end
$$;

comment on function pgops.make_indexes(regclass, jsonb, regclass) is
    'Makes the indexes on a new partition that the policy asks for beyond those of the table. '
    'Errors: those of CREATE INDEX.';

revoke all on function pgops.make_indexes(regclass, jsonb, regclass) from public;
grant execute on function pgops.make_indexes(regclass, jsonb, regclass) to pgops_operator;
