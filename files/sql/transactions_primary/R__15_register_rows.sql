create or replace function app.register_rows(rows_query text, row_count bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    -- A registered guid takes about 60 bytes.
    many_rows boolean := row_count > 10000 and row_count > pg_relation_size('app.t1_guid') / 60 / 5;
begin
    -- Many rows: building the key anew, over old rows and new, costs less than growing it. Only if nobody is writing at
    -- this moment: waiting for them could end in a deadlock, and would make others wait.
    if many_rows then
        begin
            lock table app.t1_guid in access exclusive mode nowait;
        exception
            when lock_not_available then
                many_rows := false;
        end;
    end if;
    if many_rows then
        alter table app.t1_guid drop constraint "transaction_guid must be unique in app.t1";
    end if;
    execute 'insert into app.t1_guid (transaction_guid, date, id) ' || rows_query;
    if many_rows then
        alter table app.t1_guid add constraint "transaction_guid must be unique in app.t1" primary key (transaction_guid);
    end if;
end
$$;

comment on function app.register_rows(text, bigint) is
    'Registers the guids that a query returns, as (transaction_guid, date, id); row_count is roughly how many. '
    'Errors: 23505 a guid is there already. Locks: ROW EXCLUSIVE on app.t1_guid, or ACCESS EXCLUSIVE if that is to be '
    'had at once and the rows are more than a fifth of those registered. Callers have written the totals before.';

revoke all on function app.register_rows(text, bigint) from public;
