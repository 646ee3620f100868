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
        when 'undo' then array['discard_changes']
        when 'finish' then array['drop_old']
    end;
    texts text[] := array['name', 'partition', 'reason', 'old_name', 'new_name'] || case when operation <> 'split' then array['into'] else '{}' end;
    unknown text;
    argument record;
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
    for argument in select a.key, a.value, jsonb_typeof(a.value) as kind from jsonb_each(arguments) as a loop
        if argument.key = any (texts) and argument.kind not in ('string', 'null') then
            raise exception '"%" is %; accepted: a text', argument.key, argument.value using errcode = 'invalid_parameter_value';
        elsif argument.key in ('wider_keys', 'discard_changes', 'drop_old') and argument.kind not in ('boolean', 'null') then
            raise exception '"%" is %; accepted: true or false', argument.key, argument.value using errcode = 'invalid_parameter_value';
        elsif argument.key in ('old_name', 'new_name') and octet_length(argument.value #>> '{}') not between 1 and 63 then
            raise exception '"%" is %; accepted: a name without schema of 1 to 63 bytes', argument.key, argument.value
                using errcode = 'invalid_parameter_value';
        elsif argument.key = 'rows' and argument.value <> '"discard"' then
            raise exception '"rows" is %; accepted: "discard"', argument.value using errcode = 'invalid_parameter_value';
        end if;
    end loop;
    if operation = 'split' and arguments ? 'every' = arguments ? 'into' then
        raise exception 'arguments of split have %; accepted: "into" (a list of partitions), or "every" with "name"',
            case when arguments ? 'into' then '"into" and "every"' else 'neither "into" nor "every"' end
            using errcode = 'invalid_parameter_value';
    elsif operation = 'split' and arguments ?& array['into', 'name'] then
        raise exception 'arguments of split have "name" beside "into"; accepted: a "name" in each piece, or "every" with "name"'
            using errcode = 'invalid_parameter_value';
    end if;
end
$$;

comment on function pgops.check_operation_arguments(text, jsonb) is
    'Raises 22023 unless an operation exists and its arguments are an object without unknown keys, in which texts and booleans '
    'are such. Bounds and policies are looked at where they are used.';

revoke all on function pgops.check_operation_arguments(text, jsonb) from public;
grant execute on function pgops.check_operation_arguments(text, jsonb) to pgops_operator;
