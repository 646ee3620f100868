create or replace function pgops.leave_room_for_writers() returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    workers text := pgops.configuration_value('operation_parallel_workers')::text;
begin
    perform set_config('max_parallel_workers_per_gather', workers, true);
    perform set_config('max_parallel_maintenance_workers', workers, true);
    -- Written out as it is made: what the kernel collects, it writes all at once, and every commit waits for that.
    perform set_config('backend_flush_after', '512kB', true);
    -- WAL that is not flushed fills the buffers, and whoever has something to write waits until there is room.
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'local', true);
    end if;
end
$$;

comment on function pgops.leave_room_for_writers() is
    'Until the end of the transaction: bulk work takes as many processors as operation_parallel_workers allows (0: one), and what it '
    'has written goes to the disk as it comes, so that others wait for neither.';

revoke all on function pgops.leave_room_for_writers() from public;
grant execute on function pgops.leave_room_for_writers() to pgops_operator;
