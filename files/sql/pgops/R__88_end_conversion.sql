create or replace function pgops.end_conversion(
    relation regclass,
    operation text,
    arguments jsonb,
    options jsonb
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    found_operation pgops.operation := pgops.kept_conversion(relation, operation);
    begin_with text := case operation when 'undo' then 'return_catch_up' else 'end_catch_up' end;
    wanted jsonb;
begin
    perform pgops.check_operation_arguments(operation, arguments);
    if not exists (select from pg_class as c where c.oid = found_operation.relation) then
        return pgops.end_without_old_table(found_operation, operation);
    elsif operation = 'undo' and pgops.is_kept(found_operation) and arguments -> 'discard_changes' is distinct from 'true'
        and pgops.table_definition((found_operation.targets #>> '{0,oid}')::oid::regclass)
            is distinct from found_operation.progress ->> 'kept_definition'
    then
        raise exception 'undo of % is not possible: its definition was changed (a column, constraint, index, privilege, policy, option or '
            'comment) since it was converted, and the old table does not have that', relation
            using errcode = 'object_not_in_prerequisite_state',
                hint = 'Operation "finish" keeps the table as it is; "discard_changes": true gives up what was changed but for privileges, with the '
                    'values of new columns.';
    end if;
    found_operation := pgops.claim_operation(found_operation.operation_id);
    wanted := jsonb_build_object('end', operation, 'drop_old', coalesce((arguments ->> 'drop_old')::boolean, false),
        'discard_changes', coalesce((arguments ->> 'discard_changes')::boolean, false));
    if pgops.is_kept(found_operation) and not found_operation.progress @> wanted then
        update pgops.operation as o
        set phase = begin_with, state = pgops.phase_state(begin_with), options = o.options || end_conversion.options,
            progress = (o.progress - 'compared' - 'compared_files') || wanted
        where o.operation_id = found_operation.operation_id;
        perform pgops.complete_options(found_operation.options || options);
    end if;
    return found_operation.operation_id;
end
$$;

comment on function pgops.end_conversion(regclass, text, jsonb, jsonb) is
    'Takes up the conversion of a table to undo or to finish it; returns its number. operation: undo (arguments: '
    'discard_changes), finish (arguments: drop_old). Errors: 55000 there is none that could be, or an undo would give up what was '
    'changed of the definition, 55006 another session runs it.';

revoke all on function pgops.end_conversion(regclass, text, jsonb, jsonb) from public;
grant execute on function pgops.end_conversion(regclass, text, jsonb, jsonb) to pgops_operator;
