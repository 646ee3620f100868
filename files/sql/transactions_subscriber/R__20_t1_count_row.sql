create or replace function app.t1_count_row() returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op <> 'INSERT' and old.state = 1 then
        insert into app.t1_total_change (date, client_id, operation_type, amount, transactions)
        values (old.date, old.client_id, old.operation_type, -old.amount, -1);
    end if;
    if tg_op <> 'DELETE' and new.state = 1 then
        insert into app.t1_total_change (date, client_id, operation_type, amount, transactions)
        values (new.date, new.client_id, new.operation_type, new.amount, 1);
    end if;
    return null;
end
$$;

comment on function app.t1_count_row() is
    'Row-level trigger of app.t1 on the subscriber: appends what a changed row of state 1 does to the totals. Security '
    'definer: the apply worker, and who else writes, needs rights on app.t1 only.';

revoke all on function app.t1_count_row() from public;
