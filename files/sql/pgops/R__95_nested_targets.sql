create or replace function pgops.nested_targets(relation regclass, target jsonb, followed regclass) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    followed_name name := (select c.relname from pg_class as c where c.oid = followed);
    is_partitioned boolean := (select c.relkind = 'p' from pg_class as c where c.oid = followed);
    own_name text := (parse_ident(target ->> 'name'))[2];
    child record;
    child_name text;
    result jsonb;
begin
    if not is_partitioned and not target ? 'inside' then
        return jsonb_build_array(target);
    end if;
    result := jsonb_build_array(target || jsonb_build_object('followed', followed::oid::bigint)
        || case when is_partitioned then '{"partitioned": true}' else '{}' end::jsonb);
    -- The default partition first, as in pgops.name_new_tables().
    for child in
        select b.partition, b.bound, c.relname
        from pgops.partition_bounds(followed) as b
        join pg_class as c on c.oid = b.partition
        order by b.bound ? 'default' desc, c.oid
    loop
        child_name := case when starts_with(child.relname, followed_name)
            then pgops.fitted_name(own_name, substr(child.relname, length(followed_name) + 1))
            else pgops.fitted_name(own_name, '_' || child.relname) end;
        result := result || pgops.nested_targets(relation, pgops.operation_target(relation, coalesce(child_name, child.relname), child.bound)
            || jsonb_build_object('inside', target ->> 'name'), child.partition);
    end loop;
    return result;
end
$$;

comment on function pgops.nested_targets(regclass, jsonb, regclass) is
    'An element of pgops.operation.targets as a list: itself, and where the table that it follows (followed) is partitioned, a '
    'partition for each of its partitions, at all levels, with the name of that one, in which the name of the new table takes the '
    'place of that of the old one. relation: whose schema they are made in.';

revoke all on function pgops.nested_targets(regclass, jsonb, regclass) from public;
grant execute on function pgops.nested_targets(regclass, jsonb, regclass) to pgops_operator;
