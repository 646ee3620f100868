create or replace procedure app.advance_transactions(
    batch_rows integer default 10000,
    moment timestamptz default clock_timestamp()
)
language plpgsql
as $$
declare
    parity constant integer := floor(extract(second from moment))::integer % 2;
    rows_advanced bigint;
begin
    if batch_rows is null or batch_rows not between 1 and 1000000 then
        raise exception 'app.advance_transactions: batch_rows is %; accepted: 1 to 1000000 rows',
            coalesce(batch_rows::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    if moment is null or not isfinite(moment) then
        raise exception 'app.advance_transactions: moment is %; accepted: a finite time', coalesce(moment::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    loop
        -- Until the next COMMIT: each batch is a transaction, so that the lock on the totals is never held for long.
        if not pg_try_advisory_xact_lock(hashtextextended('app.advance_transactions', 0)) then
            raise notice 'app.advance_transactions: a previous run is still at work, nothing done';
            return;
        end if;
        update app.t1 set state = 1
        from (
            select new.id, new.date from app.t1 as new
            where new.state = 0 and new.id % 2 = parity
            order by new.id
            limit batch_rows
            for update skip locked
        ) as due
        where t1.id = due.id and t1.date = due.date;
        get diagnostics rows_advanced = row_count;
        exit when rows_advanced < batch_rows;
        call pgops.check_can_commit('app.advance_transactions');
        commit;
    end loop;
end
$$;

comment on procedure app.advance_transactions(integer, timestamptz) is
$$Sets state from 0 to 1 in all rows with even id when the second of moment (default: now) is even, with odd id when it
is odd; job t1-advance. Works in transactions of batch_rows rows. Rows that others have locked are left for the next
run. Returns with a notice when a previous run is still at work. Needs SELECT and UPDATE (state) on app.t1, and
pgops_operator. Errors: 22023 batch_rows is not 1 to 1000000, or moment not finite; 2D000 called inside a transaction
block with batch_rows rows due or more. Locks: ROW EXCLUSIVE on app.t1, and as app.add_to_totals(). No search_path is
set, because a procedure with settings may not commit.$$;

revoke all on procedure app.advance_transactions(integer, timestamptz) from public;
