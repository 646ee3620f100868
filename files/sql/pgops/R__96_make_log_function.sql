create or replace function pgops.make_log_function(operation pgops.operation, watching boolean) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
    log_columns text;
    old_keys text;
    new_keys text;
    is_old text;
begin
    select string_agg(format('k%s', k.number), ', ' order by k.number),
        string_agg(format('old.%s', k.key ->> 'name'), ', ' order by k.number),
        string_agg(format('new.%s', k.key ->> 'name'), ', ' order by k.number),
        string_agg(format('r.%s %s old.%1$s', k.key ->> 'name', k.key ->> 'equals'), ' and ' order by k.number)
    into log_columns, old_keys, new_keys, is_old
    from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number);
    perform pgops.run_as_owner(root, format(
        $command$
        create or replace function %1$s() returns trigger language plpgsql security definer
        set search_path = pg_catalog, pg_temp as
        $body$
        begin
            if tg_op = 'TRUNCATE' then
                insert into %1$s (truncated) values (true);
                return null;
            end if;
            if tg_op <> 'INSERT' then
                insert into %1$s (%2$s) values (%3$s);
                %5$s
            end if;
            if tg_op = 'INSERT' then
                insert into %1$s (%2$s) values (%4$s);
            elsif tg_op = 'UPDATE' and record_image_ne(row(%3$s), row(%4$s)) then
                insert into %1$s (%2$s) values (%4$s);
            end if;
            return null;
        end
        $body$
        $command$, log_name, log_columns, old_keys, new_keys,
        case when watching then format('delete from %s as r where %s;', (pgops.replay_tables(operation)).target, is_old) end));
    perform pgops.run_as_owner(root, format('revoke all on function %s() from public', log_name));
end
$$;

comment on function pgops.make_log_function(pgops.operation, boolean) is
    'Makes the trigger function that notes the keys of changed rows with the rights of the owner: an update under its old '
    'key and, where that is another, its new one. watching: it also deletes the copy of the row at once, so that no foreign '
    'key of the copies keeps anybody from deleting what the row itself no longer refers to.';

revoke all on function pgops.make_log_function(pgops.operation, boolean) from public;
grant execute on function pgops.make_log_function(pgops.operation, boolean) to pgops_operator;
