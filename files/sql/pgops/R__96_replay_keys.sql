create or replace function pgops.replay_keys(operation pgops.operation, indexed boolean, under_lock boolean) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set extra_float_digits = 1
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
    route text := pgops.operation_object(root, operation.operation_id, 'route');
    columns text := pgops.stored_columns(root);
    all_sources text := (
        select string_agg(format('select %s from only %s', columns, s.source), ' union all ')
        from unnest(pgops.operation_sources(operation)) as s (source)
    );
    is_noted text := (
        select format('exists (select from unnest($1::%s[]) as k where %s)', log_name,
            string_agg(format('k.k%s %s r.%s', k.number, k.key ->> 'equals', k.key ->> 'name'), ' and ' order by k.number))
        from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number)
    );
    comparison text := format('select %s is not distinct from %s',
        pgops.rows_digest(root, format('(%s) as r', (
            select string_agg(format('select %s from only %s', pgops.readable_columns(root), s.source), ' union all ')
            from unnest(pgops.operation_sources(operation)) as s (source)
        )), is_noted),
        pgops.rows_digest(root, route || ' as r', is_noted));
    previous_role text := pgops.become_owner(root);
    noted record;
    is_same boolean;
begin
    execute format(
        case when under_lock then 'select count(*) as number, coalesce(bool_or(l.truncated), false) as truncated,'
            ' array_agg(l)::text as keys from %s as l'
        else 'with l as (delete from %s returning *) select count(*) as number,'
            ' coalesce(bool_or(l.truncated), false) as truncated, array_agg(l)::text as keys from l' end,
        log_name) into noted;
    if noted.truncated then
        raise exception 'a table whose rows are copied was truncated' using errcode = 'PG003';
    end if;
    if under_lock and noted.number > 20 * (operation.options ->> 'max_replay_keys')::bigint then
        raise exception '% changed rows are left, too many to be carried along under locks', noted.number
            using errcode = 'lock_not_available';
    end if;
    if noted.number > 0 then
        if indexed then
            perform set_config('enable_seqscan', 'off', true);
            perform set_config('enable_hashjoin', 'off', true);
            perform set_config('enable_mergejoin', 'off', true);
        end if;
        -- By state, not by event: neither the order of the changes nor their repetition matters.
        execute format('delete from %s as r where %s', route, is_noted) using noted.keys;
        execute format('insert into %1$s (%2$s) overriding system value select %2$s from (%3$s) as r where %4$s',
            route, columns, all_sources, is_noted) using noted.keys;
        if under_lock then
            execute comparison into is_same using noted.keys;
        end if;
        perform set_config('enable_seqscan', 'on', true);
        perform set_config('enable_hashjoin', 'on', true);
        perform set_config('enable_mergejoin', 'on', true);
    end if;
    perform set_config('role', previous_role, true);
    if not is_same then
        raise exception 'the rows changed last differ between the old and the new tables' using errcode = 'data_corrupted';
    end if;
    return noted.number;
end
$$;

comment on function pgops.replay_keys(pgops.operation, boolean, boolean) is
    'Brings the new tables to the state of the sources for all keys in the log, and empties the log. indexed: the new '
    'tables have their indexes. under_lock: for the last time, in the switch; the log stays as it is, and the rows are '
    'compared. Returns the number of keys. Needs one snapshot: REPEATABLE READ, or sources that nobody can write to. '
    'Errors: PG003 a source was truncated, 55P03 too many keys under the lock, XX001 rows differ.';

revoke all on function pgops.replay_keys(pgops.operation, boolean, boolean) from public;
grant execute on function pgops.replay_keys(pgops.operation, boolean, boolean) to pgops_operator;
