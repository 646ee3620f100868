create or replace function pgops.start_operation(
    relation regclass,
    operation text,
    arguments jsonb,
    options jsonb
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    unfinished pgops.operation;
    all_options jsonb := pgops.complete_options(options);
    owner_name name;
    design jsonb;
    new_id bigint;
begin
    if operation in ('undo', 'finish') then
        perform pgops.check_operation_arguments(operation, arguments);
        new_id := pgops.conversion_ended_before(relation, operation, arguments);
        if new_id is null then
            return pgops.end_conversion(relation, operation, arguments, options);
        end if;
        perform pgops.check_can_act_on(relation);
        raise notice 'nothing is to be done: operation % did it', new_id;
        return new_id;
    end if;
    owner_name := pgops.check_can_act_on(relation);
    select o.* into unfinished from pgops.operation as o
    where o.finished_at is null
        and (
            o.relation = start_operation.relation
            -- The table that a conversion has made has the name of the old one from its switch on.
            or o.operation = 'convert' and start_operation.operation = 'convert' and (o.targets #>> '{0,oid}')::oid = start_operation.relation
            and o.relation_owner = owner_name
        );
    if found and unfinished.operation = start_operation.operation and unfinished.arguments = start_operation.arguments
        and not pgops.partition_is_another(unfinished)
    then
        return (pgops.claim_operation(unfinished.operation_id)).operation_id;
    elsif found then
        raise exception 'operation % (% with %) of % is not finished', unfinished.operation_id, unfinished.operation,
            unfinished.arguments, unfinished.relation_name
            using errcode = 'object_in_use',
                hint = format('CALL pgops.operation_resume(%s) goes on with it, CALL pgops.operation_cancel(%1$s) undoes it.',
                    unfinished.operation_id);
    end if;
    new_id := pgops.operation_done_before(relation, operation, arguments);
    if new_id is not null then
        raise notice 'nothing is to be done: operation % did it', new_id;
        return new_id;
    end if;
    design := pgops.operation_design(relation, operation, arguments);
    new_id := nextval(pg_get_serial_sequence('pgops.operation', 'operation_id'));
    insert into pgops.operation (
        operation_id, relation, relation_number, relation_owner, relation_name, operation, arguments, options, phase, method, sources, targets, key_columns,
        row_count, runner_pid, heartbeat_at
    ) overriding system value
    select
        new_id, start_operation.relation, start_operation.relation, owner_name, relation::text, start_operation.operation,
        start_operation.arguments, all_options,
        (pgops.operation_phases(design ->> 'method'))[1], design ->> 'method', design -> 'sources',
        pgops.name_new_tables(relation, new_id, design), design -> 'key_columns',
        (select sum(pgops.estimated_rows((s.source ->> 'oid')::oid::regclass))
            from jsonb_array_elements(design -> 'sources') as s (source) where not s.source ? 'inside'),
        pg_backend_pid(), clock_timestamp();
    perform pgops.log_event('info', 'operations', relation::text, format('operation %s: %s begins', new_id, operation), arguments);
    return new_id;
end
$$;

comment on function pgops.start_operation(regclass, text, jsonb, jsonb) is
    'Records an operation that is to be run by this session, or takes up the same one that is not finished, or that is done '
    'and whose outcome stands (the client may have lost its answer); returns its number. Errors: 55006 another '
    'operation of the table is not finished (also the same one, where another partition has come to the name of the one that it '
    'takes away), or another session runs it, and those of '
    'pgops.operation_design() and pgops.complete_options().';

revoke all on function pgops.start_operation(regclass, text, jsonb, jsonb) from public;
grant execute on function pgops.start_operation(regclass, text, jsonb, jsonb) to pgops_operator;
