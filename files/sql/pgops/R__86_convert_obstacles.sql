create or replace function pgops.convert_obstacles(relation regclass, policy jsonb, arguments jsonb) returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key_columns name[] := pgops.convert_key_columns(policy);
    wider boolean := coalesce((arguments ->> 'wider_keys')::boolean, false);
    replaced boolean := not arguments ? 'new_name';
begin
    return query
        select format('%s has no column "%s" to partition by: name one of its columns in "by"', relation, k.name)
        from unnest(key_columns) as k (name)
        where not exists (
            select from pg_attribute as a
            where a.attrelid = relation and a.attname = k.name and a.attnum > 0 and not a.attisdropped
        );
    return query
        select case
            when k.constraint_type in ('p', 'u') then format('%s (constraint "%s") of %s does not contain %s, by which it would be '
                'partitioned, and the server cannot keep it across partitions: make it wider, or say "wider_keys": true to have '
                'it made wider, which no longer forbids two rows that differ in %s only',
                case k.constraint_type when 'p' then 'the primary key' else 'the unique constraint' end, k.constraint_name,
                relation, array_to_string(k.missing, ', '), array_to_string(k.missing, ', '))
            else format('%s of %s does not contain %s, by which it would be partitioned, and the server cannot keep it across '
                'partitions: drop it, or make it wider', coalesce('exclusion constraint "' || k.constraint_name || '"',
                'unique index ' || k.index), relation, array_to_string(k.missing, ', '))
        end
        from pgops.narrow_keys(relation, key_columns) as k
        where not (wider and coalesce(k.constraint_type in ('p', 'u'), false));
    return query
        select format('column "%s" of %s may be NULL, and a primary key that is made wider by it could not hold then: ALTER TABLE %s ALTER '
            'COLUMN %I SET NOT NULL', m.name, relation, relation, m.name)
        from pgops.narrow_keys(relation, key_columns) as k
        cross join unnest(k.missing) as m (name)
        join pg_attribute as a on a.attrelid = relation and a.attname = m.name and not pgops.is_never_null(relation, a.attnum)
        where wider and k.constraint_type = 'p';
    return query
        select format('foreign key "%s" of %s refers to "%s" of %s, which is to be made wider: drop the key', f.conname,
            f.conrelid::regclass, k.constraint_name, relation)
        from pgops.narrow_keys(relation, key_columns) as k
        join pg_constraint as f on f.conindid = k.index and f.contype = 'f'
        where wider and replaced;
    return query
        select format('constraint "%s" of %s is NO INHERIT, which a partitioned table cannot have: drop it', k.conname, relation)
        from pg_constraint as k where k.conrelid = relation and k.contype = 'c' and k.connoinherit;
    return query
        select format('index %s of %s has an expression and is unique, which a partitioned table cannot have: drop it', i.indexrelid::regclass,
            relation)
        from pg_index as i where i.indrelid = relation and i.indisunique and i.indexprs is not null;
    if replaced then
        return query select r.obstacle from pgops.replace_obstacles(relation) as r (obstacle);
        return query select p.obstacle from pgops.convert_partition_obstacles(relation, policy) as p (obstacle);
    end if;
end
$$;

comment on function pgops.convert_obstacles(regclass, jsonb, jsonb) is
    'What a partitioned table cannot have that a table has which is to be converted, and, unless it stays ("new_name"), what '
    'would not follow to the new one. A sentence each; reads the catalogue only.';

revoke all on function pgops.convert_obstacles(regclass, jsonb, jsonb) from public;
grant execute on function pgops.convert_obstacles(regclass, jsonb, jsonb) to pgops_operator;
