create or replace procedure app.insert_transaction(clients integer default 1000)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    client_id constant integer := 1 + floor(random() * clients);
begin
    if clients is null or clients not between 1 and 10000000 then
        raise exception 'app.insert_transaction: clients is %; accepted: 1 to 10000000 clients',
            coalesce(clients::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    insert into app.t1 (date, amount, state, message)
    values (
        clock_timestamp(),
        ceil(random() * 100000)::numeric * 0.01,
        0,
        jsonb_build_object(
            'account_number', (4000000000 + client_id)::text,
            'client_id', client_id,
            'operation_type', case when random() < 0.5 then 'online' else 'offline' end
        )
    );
end
$$;

comment on procedure app.insert_transaction(integer) is
    'Inserts one new row (state 0) dated now, of one of the clients 1 to clients; job t1-insert. '
    'Needs INSERT on app.t1 and USAGE on app.t1_id_seq. Errors: 22023 clients is not 1 to 10000000.';

revoke all on procedure app.insert_transaction(integer) from public;
