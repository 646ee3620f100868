create or replace function pgops.make_shadow_table(operation pgops.operation, table_name text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    policy jsonb := (select p.policy from pgops.partition_policy as p where p.parent = root);
    target jsonb := (
        select t.target from jsonb_array_elements(operation.targets) as t (target) where t.target ->> 'made_as' = table_name
    );
    followed regclass := pgops.operation_followed(operation, target);
    like_what regclass := case when target ? 'followed' then followed else coalesce((pgops.operation_sources(operation))[1], root) end;
    parameters text;
    command text;
begin
    -- What takes the place of a partition of a partition has all from it.
    parameters := case when not target ? 'followed' then coalesce(
        (select string_agg(format('%s = %L', p.key, p.value), ', ' order by p.key)
            from jsonb_each_text(policy -> 'storage_parameters') as p),
        -- What follows a table gets these from it.
        (select array_to_string(c.reloptions, ', ') from pg_class as c
            where c.oid = like_what and c.relkind = 'r' and operation.operation in ('add', 'drain'))
    ) end;
    -- ATTACH refuses a table with an identity column, and gives the parent's to the partition from PostgreSQL 17 on.
    select format('create %s table %s (like %s including all excluding identity excluding indexes)%s%s%s%s',
        case c.relpersistence when 'u' then 'unlogged' else '' end,
        table_name,
        -- A partition may have defaults and NOT NULL of its own.
        followed,
        ' partition by ' || case when target ? 'partitioned' then pg_get_partkeydef(followed) end,
        ' using ' || quote_ident(m.amname),
        ' with (' || parameters || ')',
        ' tablespace ' || quote_ident(t.spcname))
    into command
    from pg_class as c
    left join pg_am as m on m.oid = c.relam
    left join pg_tablespace as t on t.oid = c.reltablespace
    where c.oid = like_what;
    perform pgops.run_as_owner(root, command);
    for command in
        select c.command from pgops.operation_carried(operation, target, 'create') as c (command)
    loop
        perform pgops.run_as_owner(root, command);
    end loop;
end
$$;

comment on function pgops.make_shadow_table(pgops.operation, text) is
    'Makes a table that will be a partition: columns and checks of the one that it follows (pgops.operation_followed()), what '
    'pgops.operation_carried() says, access method, tablespace, persistence and storage parameters of the first table that it '
    'takes rows from (the policy''s storage parameters come first), or of the partition of a partition whose place it takes; '
    'partitioned as that is; no indexes yet. table_name: quoted and with schema.';

revoke all on function pgops.make_shadow_table(pgops.operation, text) from public;
grant execute on function pgops.make_shadow_table(pgops.operation, text) to pgops_operator;
