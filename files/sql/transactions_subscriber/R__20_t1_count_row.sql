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
        -- Taken from the message, as the generated columns are, which a BEFORE trigger does not see yet. What is no
        -- number there is refused by the table.
        values (
            new.date,
            case when ltrim(new.message ->> 'client_id', '0123456789') = '' then (new.message ->> 'client_id')::numeric end,
            new.message ->> 'operation_type',
            new.amount,
            1
        );
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end
$$;

comment on function app.t1_count_row() is
    'Row-level trigger of app.t1 on the subscriber, AFTER for sessions and BEFORE for the apply worker: appends what a '
    'changed row of state 1 does to the totals. Changes nothing in the row. Security '
    'definer: the apply worker, and who else writes, needs rights on app.t1 only.';

revoke all on function app.t1_count_row() from public;
