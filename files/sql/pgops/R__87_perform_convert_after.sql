create or replace function pgops.perform_convert_after(operation pgops.operation, deadline timestamptz) returns boolean
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    next_command integer := coalesce((operation.progress ->> 'after_done')::integer, 0);
    commands jsonb := operation.progress -> 'after';
begin
    if next_command < jsonb_array_length(commands) then
        perform pgops.run_within(operation.relation, commands ->> next_command, deadline);
    end if;
    update pgops.operation as o
    set progress = o.progress || jsonb_build_object('after_done', next_command + 1)
    where o.operation_id = operation.operation_id;
    return next_command + 1 >= jsonb_array_length(commands);
end
$$;

comment on function pgops.perform_convert_after(pgops.operation, timestamptz) is
    'Phases after and return_after of a conversion: runs one of the commands that follow its switch; returns true after the '
    'last. Errors: 55P03 locks not obtained in time.';

revoke all on function pgops.perform_convert_after(pgops.operation, timestamptz) from public;
grant execute on function pgops.perform_convert_after(pgops.operation, timestamptz) to pgops_operator;
