create or replace function pgops.check_operation_arguments(operation text, arguments jsonb) returns void
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    accepted text[] := case operation
        when 'add' then array['name', 'from', 'to', 'values', 'modulus', 'remainder']
        when 'split' then array['partition', 'into', 'every', 'name']
        when 'merge' then array['partitions', 'into']
        when 'drain' then array['partitions']
        when 'detach' then array['partition']
        when 'archive' then array['partition', 'into', 'reason']
        when 'drop' then array['partition', 'rows']
        when 'convert' then array[
            'by', 'name', 'partitions', 'ahead', 'behind', 'default', 'retention', 'time_zone', 'hooks', 'storage_parameters',
            'tablespace', 'indexes', 'subpartitions', 'old_name', 'new_name', 'wider_keys'
        ]
    end;
    unknown text;
begin
    if accepted is null then
        raise exception 'operation is "%"; accepted: add, split, merge, drain, detach, archive, drop, convert, undo, finish', operation
            using errcode = 'invalid_parameter_value';
    end if;
    if jsonb_typeof(arguments) is distinct from 'object' then
        raise exception 'arguments of % are %; accepted: an object with the keys %', operation, coalesce(arguments::text, 'null'),
            array_to_string(accepted, ', ') using errcode = 'invalid_parameter_value';
    end if;
    select string_agg(format('"%s"', k.name), ', ') into unknown
    from jsonb_object_keys(arguments) as k (name)
    where k.name <> all (accepted);
    if unknown is not null then
        raise exception 'arguments of % have %; accepted: an object with the keys %', operation, unknown,
            array_to_string(accepted, ', ') using errcode = 'invalid_parameter_value';
    end if;
end
$$;

comment on function pgops.check_operation_arguments(text, jsonb) is
    'Raises 22023 unless an operation exists and its arguments are an object without unknown keys.';

revoke all on function pgops.check_operation_arguments(text, jsonb) from public;
grant execute on function pgops.check_operation_arguments(text, jsonb) to pgops_operator;
