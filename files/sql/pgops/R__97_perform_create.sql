create or replace function pgops.perform_create(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    route text := pgops.operation_object(root, operation.operation_id, 'route');
    target jsonb;
    made jsonb := '[]';
    -- Before anything is made after it: what is changed meanwhile will be seen to have been.
    definitions jsonb := pgops.operation_definitions(operation);
begin
    perform pgops.drop_new_tables(operation);
    if operation.method = 'swap' then
        perform pgops.run_as_owner(root, format('create table %s (like %s including generated) partition by %s',
            route, root, pg_get_partkeydef(root)));
        perform pgops.keep_to_owner(root, pgops.find_relation(route));
        perform pgops.make_key_log(operation);
    end if;
    for target in select t.target from jsonb_array_elements(operation.targets) as t (target) loop
        if target ? 'subpartitions' then
            perform pgops.make_partition(root, pgops.operation_policy(root), target ->> 'made_as', target -> 'subpartitions');
        else
            perform pgops.make_shadow_table(operation, target ->> 'made_as');
        end if;
        if target ? 'partitioned' then
            perform pgops.run_as_owner(root, format('create table %s (like %s including generated) partition by %s',
                target ->> 'route', root, pg_get_partkeydef(pgops.operation_followed(operation, target))));
            perform pgops.keep_to_owner(root, pgops.find_relation(target ->> 'route'));
        end if;
        if operation.method = 'swap' then
            perform pgops.run_as_owner(root, format('alter table %s attach partition %s %s',
                coalesce(pgops.operation_outside(operation, target) ->> 'route', route),
                coalesce(target ->> 'route', target ->> 'made_as'), pgops.bound_clause(target -> 'bound')));
        end if;
        made := made || (target || jsonb_strip_nulls(jsonb_build_object(
            'oid', pgops.find_relation(target ->> 'made_as')::oid::bigint,
            'subpartition_oids', (
                select jsonb_agg(pgops.find_relation(s.name)::oid::bigint) from pgops.subpartition_names(target) as s (name)
            )
        )));
    end loop;
    if operation.method = 'swap' then
        perform pgops.add_bound_check(operation, t.target, pgops.find_relation(route))
        from jsonb_array_elements(operation.targets) as t (target)
        where not t.target ? 'partitioned';
    end if;
    update pgops.operation as o
    set targets = made, progress = jsonb_strip_nulls(jsonb_build_object('definitions', definitions)), copied_rows = 0,
        sources = (select coalesce(jsonb_agg(s.source - 'blocks' - 'next_block' - 'filenode' order by s.number), '[]')
            from jsonb_array_elements(o.sources) with ordinality as s (source, number))
    where o.operation_id = operation.operation_id;
end
$$;

comment on function pgops.perform_create(pgops.operation) is
    'Phase create: the new tables, without indexes and outside of the partitioned table, each that will hold rows with a CHECK '
    'that implies its bound, so that ATTACH PARTITION need not look through it; partitioned tables ("route") over them that send '
    'copied rows to the right one; the log of changed keys. Begins anew where an earlier attempt has left something.';

revoke all on function pgops.perform_create(pgops.operation) from public;
grant execute on function pgops.perform_create(pgops.operation) to pgops_operator;
