create or replace function pgops.unfinished_archives(parent regclass) returns bigint[]
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(array_agg(o.operation_id order by o.operation_id), '{}')
    from pgops.operation as o
    join pgops.partition_policy as p on p.parent = o.relation
    where o.relation = unfinished_archives.parent
        and o.operation = 'archive'
        and o.finished_at is null
        and o.arguments - 'partition' = pgops.archive_arguments(p.policy)
        -- Whoever has told one to wait goes on with it himself.
        and o.options ->> 'switch' = 'now'
        and o.options ->> 'switch_after' is null
        and (o.runner_pid = pg_backend_pid() or not pgops.operation_is_run(o));
end;

comment on function pgops.unfinished_archives(regclass) is
    'The numbers of the operations by which the policy of a table archives partitions and that nobody runs.';

revoke all on function pgops.unfinished_archives(regclass) from public;
grant execute on function pgops.unfinished_archives(regclass) to pgops_operator;
