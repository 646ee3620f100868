create or replace procedure pgops.reap_operations()
language plpgsql
as $$
declare
    abandoned bigint[];
    one bigint;
    problem text;
begin
    call pgops.check_can_commit('pgops.reap_operations');
    abandoned := array(select o.operation_id from pgops.operation as o where o.finished_at is null);
    foreach one in array abandoned loop
        if pgops.claim_abandoned_operation(one) then
            problem := null;
            call pgops.run_operation_steps(one, problem);
            if problem is not null then
                perform pgops.log_event('error', 'operations', null,
                    pg_catalog.format('operation %s was abandoned and could not be ended: %s', one, problem));
            end if;
        end if;
        commit;
    end loop;
end
$$;

comment on routine pgops.reap_operations() is
    'Ends operations that nobody has run for longer than the setting operation_abandoned_after, so that their triggers do '
    'not go on taxing writers: undone before their switch, finished after it. Those of tables on which this role may not '
    'act are left alone. Called by pgops.maintain(). Errors: 2D000 inside a transaction block; failures are events. '
    'Locks: as pgops.operation_cancel().';

revoke all on procedure pgops.reap_operations() from public;
grant execute on procedure pgops.reap_operations() to pgops_operator;
