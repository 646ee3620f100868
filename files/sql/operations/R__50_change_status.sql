create or replace procedure app.change_status(p_row_limit integer default 100)
language plpgsql
as $$
begin
    if p_row_limit is null or p_row_limit not between 1 and 1000000 then
        raise exception 'app.change_status: p_row_limit is %; accepted: 1 to 1000000 rows',
            coalesce(p_row_limit::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    call pgops.check_can_commit('app.change_status');
    update app.operations set status = 1
    from (
        select new.id, new.operation_date from app.operations as new
        where new.status = 0
        order by new.id
        limit p_row_limit
        for update skip locked
    ) as due
    where operations.id = due.id and operations.operation_date = due.operation_date;
    -- Nobody waits for these rows while the view is refreshed, and a refresh that fails leaves them changed.
    commit;
    perform app.refresh_client_type_sum();
end
$$;

comment on procedure app.change_status(integer) is
$$Sets status from 0 to 1 in the p_row_limit oldest new rows (fewer when there are not so many), commits, and refreshes
app.client_type_sum_mv as app.refresh_client_type_sum() does: while another refresh is going on, its own is skipped and
counted, and the next one brings its changes. Job status-change. Rows that others have locked are left for the next run.
Needs SELECT and UPDATE (status) on app.operations, and pgops_operator. Errors: 22023 p_row_limit is not 1 to 1000000;
2D000 called inside a transaction block or from a function. Locks: ROW EXCLUSIVE on app.operations, then as
app.refresh_client_type_sum(). No search_path is set, because a procedure with settings may not commit.$$;

revoke all on procedure app.change_status(integer) from public;
