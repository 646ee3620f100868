create or replace function pgops.drop_new_tables(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    route text := pgops.operation_object(root, operation.operation_id, 'route');
    new_table record;
begin
    for new_table in
        select c.oid::regclass as name
        from jsonb_array_elements(operation.targets) as t (target)
        join pg_class as c on c.oid = (t.target ->> 'oid')::oid
        where c.oid = pgops.find_relation(t.target ->> 'made_as')
            and not exists (select from pg_partition_ancestors(c.oid) as a where a.relid = root)
        union all
        -- Attached to the new partition only after that is attached itself.
        select c.oid::regclass
        from jsonb_array_elements(operation.targets) as t (target)
        cross join jsonb_array_elements_text(t.target -> 'subpartition_oids') as s (oid)
        join pg_class as c on c.oid = s.oid::oid
        where not c.relispartition
            and c.oid in (select pgops.find_relation(n.name) from pgops.subpartition_names(t.target) as n (name))
    loop
        perform pgops.run_as_owner(root, format('drop table %s', new_table.name));
    end loop;
    if pgops.find_relation(route) is not null then
        perform pgops.run_as_owner(root, format('drop table %s', route));
    end if;
end
$$;

comment on function pgops.drop_new_tables(pgops.operation) is
    'Drops the tables that were made for an operation, have the names that they got, and are no partitions yet. The rows in them are copies.';

revoke all on function pgops.drop_new_tables(pgops.operation) from public;
grant execute on function pgops.drop_new_tables(pgops.operation) to pgops_operator;
