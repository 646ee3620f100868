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
        commit;
    end loop;
end
$$;

comment on procedure app.advance_transactions(integer, timestamptz) is
$$Sets state from 0 to 1 in all rows with even id when the second of moment (default: now) is even, with odd id when it
is odd; job t1-advance. Works in transactions of batch_rows rows. Rows that others have locked are left for the next
run. Returns with a notice when a previous run is still at work. Needs SELECT and UPDATE on app.t1.
Errors: 2D000 called within a transaction with more than batch_rows rows due. Locks: ROW EXCLUSIVE on app.t1, and as
app.add_to_totals(). No search_path is set, because a procedure with settings may not commit.$$;

revoke all on procedure app.advance_transactions(integer, timestamptz) from public;
