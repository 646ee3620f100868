create or replace function pgops.log_trigger_commands(
    operation pgops.operation,
    relation regclass,
    what text
) returns setof text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    row_trigger text := quote_ident('pgops_operation_' || operation.operation_id);
    truncate_trigger text := quote_ident('pgops_operation_' || operation.operation_id || '_truncate');
    log_function text := pgops.operation_object(operation.relation, operation.operation_id, 'log');
    one record;
begin
    for one in
        -- The trigger for rows is cloned to the partitions, also to those to come; that for TRUNCATE is not.
        select relation as name, row_trigger as trigger_name, 'insert or update or delete' as event, 'row' as level
        union all
        select distinct t.name, truncate_trigger, 'truncate', 'statement'
        from (select relation as name union select l.leaf from pgops.table_leaves(relation) as l (leaf)) as t
    loop
        if what = 'make' then
            return next format('create trigger %s after %s on %s for each %s execute function %s()', one.trigger_name,
                one.event, one.name, one.level, log_function);
            return next format('alter table %s disable trigger %s', one.name, one.trigger_name);
        elsif what = 'drop' then
            return next format('drop trigger if exists %s on %s', one.trigger_name, one.name);
        elsif what = 'enable ' || one.level then
            return next format('alter table %s enable always trigger %s', one.name, one.trigger_name);
        end if;
    end loop;
end
$$;

comment on function pgops.log_trigger_commands(pgops.operation, regclass, text) is
    'Commands for the triggers which note the keys of changed rows of a partitioned table for an operation. what: make (disabled), '
    'enable row, enable statement (those for TRUNCATE), drop.';

revoke all on function pgops.log_trigger_commands(pgops.operation, regclass, text) from public;
grant execute on function pgops.log_trigger_commands(pgops.operation, regclass, text) to pgops_operator;
