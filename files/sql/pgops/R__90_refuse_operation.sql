create or replace function pgops.refuse_operation(problem text, hint text default null) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise exception '%', problem
        using errcode = 'invalid_parameter_value', hint = coalesce(hint, 'Nothing was changed.');
end
$$;

comment on function pgops.refuse_operation(text, text) is
    'Raises 22023: an operation on partitions that cannot be done as it was asked for. Nothing has been touched.';

revoke all on function pgops.refuse_operation(text, text) from public;
grant execute on function pgops.refuse_operation(text, text) to pgops_operator;
