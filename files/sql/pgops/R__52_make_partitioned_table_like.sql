create or replace function pgops.make_partitioned_table_like(
    parent regclass,
    policy jsonb,
    partition_name text
) returns regclass
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    nested jsonb := policy -> 'subpartitions';
    command text;
    partition regclass;
begin
    select format('create %s table %s (like %s including all excluding identity) partition by %s (%I)%s%s',
        case c.relpersistence when 'u' then 'unlogged' else '' end,
        partition_name,
        parent,
        pgops.policy_strategy(nested),
        pgops.policy_column(nested),
        ' using ' || quote_ident(m.amname),
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
    return partition;
end
$$;

comment on function pgops.make_partitioned_table_like(regclass, jsonb, text) is
    'Makes a table that can be attached to the parent and is itself partitioned as "subpartitions" of the policy say, '
    'without partitions yet. Otherwise as pgops.make_table_like().';

revoke all on function pgops.make_partitioned_table_like(regclass, jsonb, text) from public;
grant execute on function pgops.make_partitioned_table_like(regclass, jsonb, text) to pgops_operator;
