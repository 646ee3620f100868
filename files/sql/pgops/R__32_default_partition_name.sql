create or replace function pgops.default_partition_name(parent_name text, policy jsonb) returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    result text := case jsonb_typeof(policy -> 'default')
        when 'string' then replace(policy ->> 'default', '{parent}', parent_name)
        else parent_name || '_default'
    end;
begin
    if octet_length(result) > 63 then
        raise exception 'default partition name "%" has % bytes; accepted: at most 63', result, octet_length(result)
            using errcode = 'name_too_long', hint = 'Give a name as "default" in the partition policy.';
    end if;
    return result;
end
$$;

comment on function pgops.default_partition_name(text, jsonb) is
    'Name of the default partition that a policy asks for: its own, or <table>_default. parent_name: the table, without '
    'schema and quotes. Errors: 42622 longer than 63 bytes.';

revoke all on function pgops.default_partition_name(text, jsonb) from public;
grant execute on function pgops.default_partition_name(text, jsonb) to pgops_operator;
