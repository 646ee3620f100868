create or replace procedure app.fold_totals()
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if not pg_try_advisory_xact_lock(hashtextextended('app.fold_totals', 0)) then
        raise notice 'app.fold_totals: a previous run is still at work, nothing done';
        return;
    end if;
    -- In one statement, so that no reader of app.t1_totals sees a change twice or not at all.
    with folded as (
        delete from app.t1_total_change returning date, client_id, operation_type, amount, transactions
    )
    insert into app.t1_month_total as total (month, client_id, operation_type, amount, transactions)
    select app.month_of(date), client_id, operation_type, sum(amount), sum(transactions)
    from folded
    group by app.month_of(date), client_id, operation_type
    having sum(amount) <> 0 or sum(transactions) <> 0
    on conflict (month, client_id, operation_type) do update
    set amount = total.amount + excluded.amount, transactions = total.transactions + excluded.transactions;
end
$$;

comment on procedure app.fold_totals() is
    'Folds the changes of the totals into app.t1_month_total, so that app.t1_totals has little to sum; job '
    't1-totals-fold on the subscriber. Returns with a notice when a previous run is still at work. Changes nothing that '
    'a reader sees. Locks: ROW EXCLUSIVE on both tables; the apply worker goes on.';

revoke all on procedure app.fold_totals() from public;
