create or replace function pgops.check_before_switch(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    source regclass;
    other regclass;
begin
    for source in
        select o.old_table from unnest(pgops.operation_old_tables(operation)) as o (old_table)
        where not exists (select from pg_inherits as i where i.inhrelid = o.old_table and not i.inhdetachpending)
            or not exists (select from pg_partition_ancestors(o.old_table) as a where a.relid = root)
    loop
        raise exception '% is no partition of % any more', source, root using errcode = 'object_not_in_prerequisite_state';
    end loop;
    select t.relid into other
    from unnest(pgops.operation_old_tables(operation)) as o (old_table)
    cross join pg_partition_tree(o.old_table) as t
    where operation.method = 'swap' and t.relid <> all (pgops.operation_old_tables(operation))
    limit 1;
    if found then
        raise exception '% has got another partition, %', root, other using errcode = 'PG004';
    end if;
    perform pgops.check_compared_files(operation);
    foreach source in array pgops.operation_sources(operation) loop
        if operation.method = 'swap' and (
            select count(*) from pg_trigger as t
            where t.tgrelid = source and t.tgenabled = 'A' and t.tgname in (
                'pgops_operation_' || operation.operation_id, 'pgops_operation_' || operation.operation_id || '_truncate'
            )
        ) <> 2 then
            raise exception 'a trigger that notes changed rows of % was disabled or dropped', source
                using errcode = 'object_not_in_prerequisite_state',
                    hint = format('CALL pgops.operation_cancel(%s), and begin anew.', operation.operation_id);
        end if;
    end loop;
    if operation.operation = 'drop' and operation.arguments ->> 'rows' is distinct from 'discard'
        and pgops.has_rows(root, (pgops.operation_sources(operation))[1], 'true')
    then
        raise exception '% has got rows, and dropping it would lose them', (pgops.operation_sources(operation))[1]
            using errcode = 'object_not_in_prerequisite_state';
    end if;
    if operation.method = 'attach' and pgops.default_partition(root) is not null
        and pgops.default_has_rows_of(root, operation.targets #> '{0,bound}')
    then
        raise exception 'the default partition has rows that belong to the new one' using errcode = 'PG004';
    end if;
end
$$;

comment on function pgops.check_before_switch(pgops.operation) is
    'Asks, under the locks of a switch, whether everything is still as the operation needs it. '
    'Errors: 55000 a source is no partition any more, its triggers are not there, or it has rows and is to be dropped; '
    'PG004 the default partition has rows of a partition that was to be added empty, or a source has got a partition; PG006 a '
    'source was rewritten since its rows were compared.';

revoke all on function pgops.check_before_switch(pgops.operation) from public;
grant execute on function pgops.check_before_switch(pgops.operation) to pgops_operator;
