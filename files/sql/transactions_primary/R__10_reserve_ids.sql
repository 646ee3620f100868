create or replace function app.reserve_ids(id_count bigint) returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    first_id bigint;
begin
    -- nextval() cannot take a block: between its call and a setval() another session may take ids of it. ALTER SEQUENCE
    -- holds nextval() off until this short transaction ends, and waits for transactions that have called it.
    set local lock_timeout = '100ms';
    for attempt in 1..100 loop
        begin
            alter sequence app.t1_id_seq owned by app.t1.id;
            exit;
        exception
            when lock_not_available then
                if attempt = 100 then
                    raise exception 'cannot set aside % ids of app.t1_id_seq: a transaction that took one is still open', id_count
                        using errcode = 'lock_not_available', hint = 'See pg_stat_activity.xact_start; run it again afterwards.';
                end if;
                perform pg_sleep(0.1 + random() * 0.2);
        end;
    end loop;
    first_id := nextval('app.t1_id_seq');
    perform setval('app.t1_id_seq', first_id + id_count - 1);
    return first_id;
end
$$;

comment on function app.reserve_ids(bigint) is
    'Sets a block of ids of app.t1 aside and returns the first. Ids come back to nobody, also not after a rollback. '
    'Errors: 55P03 transactions that took an id did not end within about 30 s. '
    'Locks: SHARE ROW EXCLUSIVE on the sequence until the transaction ends; waits 100 ms at a time for it.';

revoke all on function app.reserve_ids(bigint) from public;
