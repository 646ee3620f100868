create or replace function pgops.convert_plan(
    relation regclass,
    operation text,
    arguments jsonb
) returns table (step integer, action text, object_name text, lock_level text, row_count bigint, description text)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    conversion pgops.operation;
    design jsonb;
    written_to regclass;
    other text;
    tables text;
    row_estimate bigint;
    switch_locks text;
    after_locks text;
begin
    if operation = 'convert' then
        design := pgops.operation_design(relation, operation, arguments);
        conversion.method := design ->> 'method';
        conversion.relation := relation;
        written_to := relation;
        other := design #>> '{targets,0,name}';
    else
        perform pgops.check_operation_arguments(operation, arguments);
        conversion := pgops.kept_conversion(relation, operation);
        written_to := case when conversion.method = 'convert' then (conversion.targets #>> '{0,oid}')::oid else conversion.relation end;
        other := case when conversion.method = 'convert' then conversion.relation::text else conversion.targets #>> '{0,name}' end;
    end if;
    select string_agg(l.leaf::text, ', '), sum(pgops.estimated_rows(l.leaf)) into tables, row_estimate
    from pgops.table_leaves(written_to) as l (leaf);
    select 'ACCESS EXCLUSIVE on ' || string_agg(l.locked::text, ', ' order by l.number) into switch_locks
    from (
        select 0 as number, written_to as locked
        union
        select 0, conversion.relation where operation = 'undo'
        union
        select 1, t.relid from pg_partition_tree(written_to) as t where t.relid <> written_to
        union
        select 2, c.relation from pgops.carry_locks(array[written_to]) as c where operation <> 'finish'
        union
        -- They are told of the new table.
        select 3, v.oid::regclass
        from pgops.table_dependents(written_to) as d
        join pg_class as v on d.classid = 'pg_class'::regclass and v.oid = d.objid and v.relkind = 'v'
        where operation <> 'finish'
    ) as l;
    -- Before the keys of partitions become those of the whole, their triggers on the tables that they lead to are dropped.
    after_locks := concat_ws(', ', 'SHARE UPDATE EXCLUSIVE on ' || written_to || ' for a moment',
        pgops.key_locks_in_words(array[written_to], 'ACCESS EXCLUSIVE on %s for a moment'),
        (
            select string_agg(distinct format('SHARE UPDATE EXCLUSIVE on %s while its rows are looked at', k.conrelid::regclass), ', ')
            from pg_constraint as k
            where k.confrelid = written_to and k.contype = 'f' and k.conparentid = 0 and k.conrelid <> written_to
        ),
        'SHARE ROW EXCLUSIVE on ' || written_to || ' and its partitions for a moment'
            || case when pgops.key_locks_in_words(array[written_to], '%s') is null then null else '' end);
    return query
    select row_number() over (order by p.number)::integer, p.action, p.object_name, p.lock_level, p.row_count, p.description
    from (
        values
        (1, 'convert', 'create', other, 'ACCESS SHARE on ' || relation, null::bigint,
            'make a partitioned table with the partitions of the policy and of the rows'),
        (2, 'convert', 'capture', tables, 'SHARE ROW EXCLUSIVE on each of ' || tables, null,
            'note the keys of rows that change, by triggers'),
        (3, 'convert', 'copy', tables, 'ACCESS SHARE on ' || tables, row_estimate, 'copy the rows in batches'),
        (4, 'convert', 'index', other, 'none but on the new table', row_estimate, 'make indexes, keys and statistics'),
        (5, 'all', 'replay', other, 'ACCESS SHARE on ' || tables, null, 'carry along the rows that changed meanwhile'),
        (6, 'all', 'compare', other, 'ACCESS SHARE on ' || tables, row_estimate,
            'compare number and checksum of all rows of the two tables'),
        (7, case when conversion.method = 'convert' then 'convert' end, 'renew_log', other,
            format('none; writers of %s wait for a moment', relation), null,
            'put an empty log of changed keys in the place of one that has become large'),
        (8, case when conversion.method = 'convert' then 'convert' end, 'switch', relation::text, switch_locks, null,
            'put the new table in its place, with the keys, triggers, views and publications of the old one'),
        (8, 'undo', 'switch', written_to::text, switch_locks, null, 'put the old table back in its place'),
        (8, 'finish', 'switch', written_to::text, switch_locks, null, 'carry the last rows along and drop the triggers'),
        (9, case when conversion.method = 'convert' then 'convert' end, 'validate', relation::text,
            after_locks, null, 'validate foreign keys, and rename indexes and sequences'),
        (9, 'undo', 'drop', written_to::text, concat_ws(', ', 'ACCESS EXCLUSIVE on ' || written_to, after_locks), null,
            'drop the new table, whose rows are all in the old one, and validate foreign keys'),
        (9, case when arguments -> 'drop_old' = 'true' then 'finish' end, 'drop', other, 'ACCESS EXCLUSIVE on ' || other, null,
            'drop the old table'),
        (10, 'convert', 'keep', other, 'none', null,
            'keep the two tables in step, until operation "undo" or "finish"')
    ) as p (number, operations, action, object_name, lock_level, row_count, description)
    where p.operations in ('all', operation);
end
$$;

comment on function pgops.convert_plan(regclass, text, jsonb) is
    'The plan of pgops.operation_plan() for convert, undo and finish. Errors: as there.';

revoke all on function pgops.convert_plan(regclass, text, jsonb) from public;
grant execute on function pgops.convert_plan(regclass, text, jsonb) to pgops_operator;
