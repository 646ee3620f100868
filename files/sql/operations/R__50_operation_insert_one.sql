create or replace procedure app.operation_insert_one(p_clients integer default 1000)
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_clients is null or p_clients not between 1 and 10000000 then
        raise exception 'app.operation_insert_one: p_clients is %; accepted: 1 to 10000000 clients',
            coalesce(p_clients::text, 'null') using errcode = 'invalid_parameter_value';
    end if;
    insert into app.operations (operation_date, client_id, operation_type, amount)
    values (
        clock_timestamp(),
        1 + floor(random() * p_clients)::bigint,
        case when random() < 0.5 then 'online' else 'offline' end::app.operation_type_enum,
        ceil(random() * 100000)::numeric * 0.01
    );
end
$$;

comment on procedure app.operation_insert_one(integer) is
    'Inserts one new row (status 0) dated now, of one of the clients 1 to p_clients; job operation-insert. '
    'Needs INSERT on app.operations and USAGE on app.operations_id_seq. Errors: 22023 p_clients is not 1 to 10000000.';

revoke all on procedure app.operation_insert_one(integer) from public;
