create or replace function pgops.check_partition_name(partition_name text) returns text
language plpgsql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    if octet_length(partition_name) > 63 then
        raise exception 'partition name "%" has % bytes; accepted: at most 63', partition_name, octet_length(partition_name)
            using errcode = 'name_too_long', hint = 'Shorten "name" in the partition policy.';
    end if;
    return partition_name;
end
$$;

comment on function pgops.check_partition_name(text) is
    'The name of a partition as it is. Errors: 42622 longer than 63 bytes, which the server would cut off.';

revoke all on function pgops.check_partition_name(text) from public;
grant execute on function pgops.check_partition_name(text) to pgops_monitor;
