create or replace function pgops.partition_key_less_operators(relation regclass) returns text[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select array_agg(format('operator(%I.%s)', n.nspname, o.oprname) order by k.position)
    from pg_partitioned_table as p
    cross join unnest(p.partclass::oid[]) with ordinality as k (opclass, position)
    join pg_opclass as c on c.oid = k.opclass
    join pg_amop as a
        on a.amopfamily = c.opcfamily and a.amoplefttype = c.opcintype and a.amoprighttype = c.opcintype
        and a.amopstrategy = 1
    join pg_operator as o on o.oid = a.amopopr
    join pg_namespace as n on n.oid = o.oprnamespace
    where p.partrelid = relation;
end;

comment on function pgops.partition_key_less_operators(regclass) is
    'The operators "less than" by which a table partitioned by RANGE orders its key, one a column, with schema.';

revoke all on function pgops.partition_key_less_operators(regclass) from public;
grant execute on function pgops.partition_key_less_operators(regclass) to pgops_operator;
