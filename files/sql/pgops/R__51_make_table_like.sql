create or replace function pgops.make_table_like(parent regclass, policy jsonb, partition_name text) returns regclass
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    parameters text := (
        select string_agg(format('%s = %L', p.key, p.value), ', ' order by p.key)
        from jsonb_each_text(policy -> 'storage_parameters') as p
    );
    command text;
    partition regclass;
begin
    -- ATTACH refuses a table with an identity column, and gives the parent's to the partition from PostgreSQL 17 on.
    select format('create %s table %s (like %s including all excluding identity)%s%s%s',
        case c.relpersistence when 'u' then 'unlogged' else '' end,
        partition_name,
        parent,
        ' using ' || quote_ident(m.amname),
        ' with (' || parameters || ')',
        ' tablespace ' || quote_ident(coalesce(policy ->> 'tablespace', t.spcname)))
    into command
    from pg_class as c
    left join pg_am as m on m.oid = c.relam
    left join pg_tablespace as t on t.oid = c.reltablespace
    where c.oid = parent;
    perform pgops.run_as_owner(parent, command);
    partition := pgops.find_relation(partition_name);
    perform pgops.copy_privileges(parent, partition);
    perform pgops.copy_table_properties(parent, partition);
    perform pgops.make_indexes(parent, policy, partition);
    return partition;
end
$$;

comment on function pgops.make_table_like(regclass, jsonb, text) is
    'Makes a table that can be attached to the parent: its columns, constraints, indexes, statistics, access method, '
    'tablespace, privileges, row-level security flags and comment, with the storage parameters, the tablespace and the '
    'further indexes of the policy. '
    'partition_name: quoted and with schema. Errors: 42P07 the name is taken, 22023 storage parameter refused. '
    'Locks: ACCESS SHARE on the parent.';

revoke all on function pgops.make_table_like(regclass, jsonb, text) from public;
grant execute on function pgops.make_table_like(regclass, jsonb, text) to pgops_operator;
