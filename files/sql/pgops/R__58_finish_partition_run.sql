create or replace function pgops.finish_partition_run(parent regclass, problems text[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    update pgops.partition_policy as p
    set last_applied_at = case when problems = '{}' then clock_timestamp() else p.last_applied_at end,
        last_error_at = case when problems <> '{}' then clock_timestamp() end,
        last_error = nullif(array_to_string(problems, '; '), '')
    where p.parent = finish_partition_run.parent;
    begin
        perform pgops.report_default_rows(parent);
    exception
        when others then
            perform pgops.log_partition_event('error', parent, 'the default partition could not be read: ' || sqlerrm);
    end;
end
$$;

comment on function pgops.finish_partition_run(regclass, text[]) is
    'Records what came of a plan: time and text of the problems in pgops.partition_policy, and a warning when rows remain in '
    'the default partition.';

revoke all on function pgops.finish_partition_run(regclass, text[]) from public;
grant execute on function pgops.finish_partition_run(regclass, text[]) to pgops_operator;
