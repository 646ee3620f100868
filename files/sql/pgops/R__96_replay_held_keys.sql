create or replace function pgops.replay_held_keys(operation pgops.operation) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
-- Shorter than deadlock_timeout: who waits for a row that is held here is not the one who is told of a deadlock.
set lock_timeout = '50ms'
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
    tables record := pgops.replay_tables(operation);
    columns text := pgops.stored_columns(root);
    -- So that nobody waits for many rows.
    keys_at_once constant bigint := 5 * (operation.options ->> 'max_replay_keys')::bigint;
    previous_role text;
    log_columns text;
    noted_columns text;
    row_keys text;
    is_key text;
    is_same text;
    holding text;
    noted record;
    held text;
begin
    select string_agg(format('k%s', k.number), ', ' order by k.number),
        string_agg(format('k.k%s', k.number), ', ' order by k.number),
        string_agg(format('r.%s', k.key ->> 'name'), ', ' order by k.number),
        string_agg(format('k.k%s %s r.%s', k.number, k.key ->> 'equals', k.key ->> 'name'), ' and ' order by k.number),
        string_agg(format('k.k%1$s %2$s o.k%1$s', k.number, k.key ->> 'equals'), ' and ' order by k.number)
    into log_columns, noted_columns, row_keys, is_key, is_same
    from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number);
    holding := (
        select format('with %s select coalesce(array_agg(h.h), ''{}'')::text from (%s) as h',
            string_agg(format('h%1$s as (select row(%2$s, false)::%3$s as h from only %4$s as r where exists (select from '
                'unnest($1::%3$s[]) as k where %5$s) for share skip locked)', s.number, row_keys, log_name, s.source, is_key),
                ', '),
            string_agg(format('select h from h%s', s.number), ' union all '))
        from unnest(pgops.operation_sources(operation)) with ordinality as s (source, number)
    );
    previous_role := pgops.become_owner(root);
    execute format('with l as (delete from %s as l where l.ctid = any (array(select t.ctid from %1$s as t limit %s)) returning *)'
        ' select count(*) as number, coalesce(bool_or(l.truncated), false) as truncated, array_agg(l)::text as keys from l',
        log_name, keys_at_once) into noted;
    if noted.truncated then
        raise exception 'a table whose rows are copied was truncated' using errcode = 'PG003';
    end if;
    if noted.number > 0 then
        -- Rows are held before their copies are touched, as by who changes them; one that somebody holds is left to him.
        execute holding using noted.keys into held;
        -- Whoever holds a row may leave it as it is, and then nobody else notes its key.
        execute format('insert into %1$s (%2$s) select distinct %3$s from unnest($1::%1$s[]) as k'
            ' where exists (select from (%4$s) as r where %5$s) and not exists (select from unnest($2::%1$s[]) as o where %6$s)',
            log_name, log_columns, noted_columns, tables.source, is_key, is_same)
            using noted.keys, held;
        -- Of a row that is left to him, too: what its copy refers to may be gone by now.
        execute format('delete from %s as r where exists (select from unnest($1::%s[]) as k where %s)', tables.target, log_name, is_key)
            using noted.keys;
        execute format('insert into %s (%2$s) overriding system value select %2$s from (%s) as r where exists (select from '
            'unnest($1::%s[]) as k where %s)', tables.target, columns, tables.source, log_name, is_key) using held;
    end if;
    perform set_config('role', previous_role, true);
    return noted.number;
exception
    -- A row and another that has taken over its unique value since were seen at different moments.
    when unique_violation or exclusion_violation then
        raise exception 'rows changed while they were carried along: %', sqlerrm using errcode = 'serialization_failure';
end
$$;

comment on function pgops.replay_held_keys(pgops.operation) is
    'What pgops.replay_keys() does, where copies have foreign keys already: some keys at a time, each with its row held until the '
    'copy is there, because no copy may be made of a row that somebody is about to change: he would not see it, and not delete it. '
    'Rows that others hold are left for later. Needs READ COMMITTED, in which a row is copied as it was when it was held. '
    'Errors: PG003 a source was truncated, 55P03 a referenced row was not free in time, 40001 to be tried again. '
    'Locks: FOR SHARE on rows.';

revoke all on function pgops.replay_held_keys(pgops.operation) from public;
grant execute on function pgops.replay_held_keys(pgops.operation) to pgops_operator;
