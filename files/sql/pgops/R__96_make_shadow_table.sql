create or replace function pgops.make_shadow_table(operation pgops.operation, table_name text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    like_what regclass := coalesce((pgops.operation_sources(operation))[1], root);
    policy jsonb := (select p.policy from pgops.partition_policy as p where p.parent = root);
    parameters text;
    command text;
begin
    parameters := coalesce(
        (select string_agg(format('%s = %L', p.key, p.value), ', ' order by p.key)
            from jsonb_each_text(policy -> 'storage_parameters') as p),
        (select array_to_string(c.reloptions, ', ') from pg_class as c where c.oid = like_what and c.relkind = 'r')
    );
    -- ATTACH refuses a table with an identity column, and gives the parent's to the partition from PostgreSQL 17 on.
    select format('create %s table %s (like %s including all excluding identity excluding indexes)%s%s%s',
        case c.relpersistence when 'u' then 'unlogged' else '' end,
        table_name,
        root,
        ' using ' || quote_ident(m.amname),
        ' with (' || parameters || ')',
        ' tablespace ' || quote_ident(t.spcname))
    into command
    from pg_class as c
    left join pg_am as m on m.oid = c.relam
    left join pg_tablespace as t on t.oid = c.reltablespace
    where c.oid = like_what;
    perform pgops.run_as_owner(root, command);
    perform pgops.copy_privileges(root, pgops.find_relation(table_name));
    perform pgops.copy_table_properties(root, pgops.find_relation(table_name));
end
$$;

comment on function pgops.make_shadow_table(pgops.operation, text) is
    'Makes a table that will be a partition: columns, checks, privileges and properties of the partitioned table, access '
    'method, tablespace, persistence and storage parameters of the first table that it takes rows from (the policy''s '
    'storage parameters come first); no indexes yet. table_name: quoted and with schema.';

revoke all on function pgops.make_shadow_table(pgops.operation, text) from public;
grant execute on function pgops.make_shadow_table(pgops.operation, text) to pgops_operator;
