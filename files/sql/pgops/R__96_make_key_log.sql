create or replace function pgops.make_key_log(operation pgops.operation) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
    log_columns text;
    definitions text;
    old_keys text;
    new_keys text;
begin
    if pgops.find_relation(log_name) is not null then
        return;
    end if;
    select string_agg(format('k%s', k.number), ', ' order by k.number),
        string_agg(format('k%s %s', k.number, k.key ->> 'type'), ', ' order by k.number),
        string_agg(format('old.%s', k.key ->> 'name'), ', ' order by k.number),
        string_agg(format('new.%s', k.key ->> 'name'), ', ' order by k.number)
    into log_columns, definitions, old_keys, new_keys
    from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number);
    -- Logged in the WAL: after a crash it must hold what the sources hold.
    perform pgops.run_as_owner(root, format('create table %s (%s, truncated boolean)', log_name, definitions));
    perform pgops.run_as_owner(root, format('revoke all on table %s from public', log_name));
    perform pgops.run_as_owner(root, format(
        $command$
        create function %1$s() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as
        $body$
        begin
            if tg_op = 'TRUNCATE' then
                insert into %1$s (truncated) values (true);
                return null;
            end if;
            if tg_op <> 'INSERT' then
                insert into %1$s (%2$s) values (%3$s);
            end if;
            if tg_op = 'INSERT' then
                insert into %1$s (%2$s) values (%4$s);
            elsif tg_op = 'UPDATE' and record_image_ne(row(%3$s), row(%4$s)) then
                insert into %1$s (%2$s) values (%4$s);
            end if;
            return null;
        end
        $body$
        $command$, log_name, log_columns, old_keys, new_keys));
    perform pgops.run_as_owner(root, format('revoke all on function %s() from public', log_name));
end
$$;

comment on function pgops.make_key_log(pgops.operation) is
    'Makes the table that holds the keys of rows which change while they are copied, and the trigger function that '
    'writes them with the rights of the owner. An update is noted under its old key and, where that is another, its new one.';

revoke all on function pgops.make_key_log(pgops.operation) from public;
grant execute on function pgops.make_key_log(pgops.operation) to pgops_operator;
