create or replace function pgops.refuse_failures(failed text[], tables integer) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if failed <> '{}' then
        raise exception 'maintenance failed for % of % tables: %', cardinality(failed), tables, array_to_string(failed, '; ')
            using hint = 'The other tables are done. History: pgops.event and pgops.partition_status.';
    end if;
end
$$;

comment on function pgops.refuse_failures(text[], integer) is 'Raises P0001 when the maintenance of tables failed.';

revoke all on function pgops.refuse_failures(text[], integer) from public;
grant execute on function pgops.refuse_failures(text[], integer) to pgops_operator;
