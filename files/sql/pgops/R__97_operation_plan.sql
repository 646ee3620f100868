create or replace function pgops.operation_plan(
    relation regclass,
    operation text,
    arguments jsonb default '{}'
) returns table (
    step integer,
    action text,
    object_name text,
    lock_level text,
    row_count bigint,
    description text
)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    is_conversion boolean := operation in ('convert', 'undo', 'finish');
    done_before bigint := pgops.operation_done_before(relation, operation, arguments);
    design jsonb := case when not is_conversion and done_before is null then pgops.operation_design(relation, operation, arguments) end;
    -- With all that they have, which goes with them.
    old_tables regclass[] := array(
        select t.relid
        from jsonb_array_elements(design -> 'sources') with ordinality as s (source, number)
        cross join pg_partition_tree((s.source ->> 'oid')::oid::regclass) as t
        where not s.source ? 'inside'
        order by s.number, t.level, t.relid::oid
    );
    sources regclass[] := array(
        select (s.source ->> 'oid')::oid::regclass from jsonb_array_elements(design -> 'sources') as s (source)
        where not s.source ? 'partitioned'
    );
    is_swap boolean := design ->> 'method' = 'swap';
    rows_in_all bigint := (select sum(pgops.estimated_rows(s.source)) from unnest(sources) as s (source));
    new_names text := (
        select string_agg(t.target ->> 'name', ', ' order by t.number)
        from jsonb_array_elements(design -> 'targets') with ordinality as t (target, number)
        where not t.target ? 'inside'
    );
    guarded regclass := case when is_swap and pgops.default_partition(relation) <> all (old_tables)
        and pgops.default_is_large(relation) then pgops.default_partition(relation) end;
begin
    if done_before is not null then
        perform pgops.check_operation_arguments(operation, arguments);
        perform pgops.check_can_act_on(relation);
        raise notice 'nothing is to be done: operation % did it', done_before;
        return;
    elsif is_conversion then
        return query select c.* from pgops.convert_plan(relation, operation, arguments) as c;
        return;
    end if;
    return query
    select row_number() over (order by p.number, p.object_name)::integer, p.action, p.object_name, p.lock_level, p.row_count, p.description
    from (
        select 100 + t.number as number, 'create' as action, t.target ->> 'name' as object_name,
            'ACCESS SHARE on ' || relation as lock_level, null::bigint as row_count,
            concat('make a table ', pgops.bound_clause(t.target -> 'bound'), ' of ' || (t.target ->> 'inside'), ' with its partitions ' || (
                select string_agg(s.name, ', ') from pgops.subpartition_names(t.target) as s (name)
            )) as description
        from jsonb_array_elements(design -> 'targets') with ordinality as t (target, number)
        union all
        select 200 + s.number, 'capture', s.source::text, 'SHARE ROW EXCLUSIVE on ' || s.source, null,
            'note the keys of rows that change, by triggers'
        from unnest(sources) with ordinality as s (source, number) where is_swap
        union all
        select 300 + s.number, 'copy', s.source::text, 'ACCESS SHARE on ' || s.source, pgops.estimated_rows(s.source),
            'copy the rows in batches'
        from unnest(sources) with ordinality as s (source, number) where is_swap
        union all
        select 400, 'replay', new_names, 'ACCESS SHARE on ' || array_to_string(sources, ', '), null,
            'carry along the rows that changed meanwhile'
        where is_swap
        union all
        select 500, 'index', new_names,
            case when is_swap then 'none but on the new tables' else coalesce(pgops.key_locks_in_words(array[relation],
                'SHARE ROW EXCLUSIVE on %s for a moment'), 'none but on the new tables') end,
            rows_in_all, 'make indexes, keys and statistics'
        where new_names is not null
        union all
        select 540 + s.number, 'watch', s.source::text, 'SHARE on ' || s.source || ' for a moment', null,
            'from now on, delete copies together with their rows, as they are to have foreign keys'
        from unnest(sources) with ordinality as s (source, number)
        where is_swap and pgops.key_locks_in_words(sources, '%s') is not null
        union all
        select 580, 'keys', new_names, pgops.key_locks_in_words(sources, 'SHARE ROW EXCLUSIVE on %s for a moment'), rows_in_all,
            'add foreign keys, then validate them'
        where is_swap and pgops.key_locks_in_words(sources, '%s') is not null
        union all
        select 600, 'guard', guarded::text,
            format('ACCESS EXCLUSIVE on %s for a moment, SHARE UPDATE EXCLUSIVE while it is looked through', guarded),
            pgops.estimated_rows(guarded), 'have a CHECK say that the default partition holds no such rows'
        where guarded is not null
        union all
        select 700, 'compare', new_names, 'ACCESS SHARE on ' || array_to_string(sources, ', '), rows_in_all,
            'compare number and checksum of all rows of the old and the new tables'
        where is_swap
        union all
        select 750, 'renew_log', relation::text, 'none; writers of ' || array_to_string(sources, ', ') || ' wait for a moment', null,
            'put an empty log of changed keys in the place of one that has become large'
        where is_swap and pgops.key_locks_in_words(sources, '%s') is null
        union all
        select 800, 'switch', relation::text,
            (select string_agg(format('%s on %s', upper(l.lock_mode), l.locked || case when l.is_root then ' (without its partitions)'
                else '' end), ', ') from pgops.switch_locks(design ->> 'method', relation, old_tables) as l),
            null,
            concat_ws('; ', 'detach ' || (
                select string_agg(s.source ->> 'name', ', ' order by s.number)
                from jsonb_array_elements(design -> 'sources') with ordinality as s (source, number) where not s.source ? 'inside'
            ), 'attach ' || new_names)
        union all
        select 850, 'uncheck', c.checked, format('ACCESS EXCLUSIVE on %s for a moment', c.checked), null,
            'drop the CHECK for which the switch need not look through it'
        from (
            select t.target ->> 'name' as checked from jsonb_array_elements(design -> 'targets') as t (target)
            where not t.target ? 'partitioned'
            union all
            select guarded::text
        ) as c
        where is_swap and c.checked is not null
        union all
        select 860, 'follow_up', k.conrelid::regclass::text,
            format('SHARE UPDATE EXCLUSIVE on %s, ROW SHARE on %s', k.conrelid::regclass, k.confrelid::regclass), null,
            format('validate foreign key "%s"', k.conname)
        from pgops.referencing_keys(sources[1]) as r (oid)
        join pg_constraint as k on k.oid = r.oid
        where is_swap and k.convalidated
        union all
        select 900, 'archive', arguments ->> 'into',
            concat_ws(', ', format('ACCESS SHARE on %1$s, ACCESS EXCLUSIVE on %1$s while it is compared and dropped', s.source),
                pgops.key_locks_in_words(array[s.source], 'ACCESS EXCLUSIVE on %s for a moment')),
            pgops.estimated_rows(s.source), 'copy the rows in batches, compare number and checksum, drop the old table'
        from unnest(sources) as s (source) where operation = 'archive'
        union all
        select 1000 + s.number, 'drop', s.source ->> 'name',
            concat_ws(', ', (
                select string_agg('ACCESS EXCLUSIVE on ' || t.relid::regclass, ', ' order by t.level, t.relid::oid)
                from pg_partition_tree((s.source ->> 'oid')::oid::regclass) as t
            ), case when not is_swap
                then pgops.key_locks_in_words(array[(s.source ->> 'oid')::oid::regclass], 'ACCESS EXCLUSIVE on %s for a moment')
            end),
            pgops.estimated_rows((s.source ->> 'oid')::oid::regclass), 'drop the old table'
        from jsonb_array_elements(design -> 'sources') with ordinality as s (source, number)
        where s.source ->> 'then' = 'drop' and operation <> 'archive' and not s.source ? 'inside'
    ) as p;
end
$$;

comment on function pgops.operation_plan(regclass, text, jsonb) is $$What pgops.operation_apply() would do to a table;
changes nothing. step: order of execution. action: create, capture (triggers that note keys), copy, replay, index, watch,
keys, guard, compare, renew_log, switch, uncheck, follow_up, archive, drop. object_name: of what is made or acted on. lock_level: locks taken, and on what; those of
switch are held together for at most the option lock_budget_ms, from asking for them on. row_count: rows that are read or moved (large
tables: the planner's estimate); for drop those that are in the table now. Operation and arguments: see
pgops.operation_apply(). No steps, and a NOTICE, where the same is done already and its outcome stands.
Needs pgops_operator and the right to SET ROLE to the table's owner.
Errors: 22023 the arguments do not fit the table, 55000 something stands in the way (all of it is named), 42809 not a
partitioned table, 42501 may not act for the owner. Locks: ACCESS SHARE on the partitions.$$;

revoke all on function pgops.operation_plan(regclass, text, jsonb) from public;
grant execute on function pgops.operation_plan(regclass, text, jsonb) to pgops_operator;
