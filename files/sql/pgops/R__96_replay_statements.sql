create or replace function pgops.replay_statements(operation pgops.operation, under_lock boolean) returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    root regclass := operation.relation;
    log_name text := pgops.operation_object(root, operation.operation_id, 'log');
    tables record := pgops.replay_tables(operation);
    route text := tables.target;
    columns text := pgops.stored_columns(root);
    all_sources text := tables.source;
    is_noted text := (
        select format('exists (select from unnest($1::%s[]) as k where %s)', log_name,
            string_agg(format('k.k%s %s r.%s', k.number, k.key ->> 'equals', k.key ->> 'name'), ' and ' order by k.number))
        from jsonb_array_elements(operation.key_columns) with ordinality as k (key, number)
    );
    old_log regclass := pgops.old_key_log(operation);
    keys_at_once bigint := pgops.configuration_value('operation_keys_at_once');
begin
    return array[
        -- Some at a time, as they are one value. The log stays under the lock: it is dropped with everything else afterwards.
        format(case when under_lock then 'with l as (select * from %1$s limit %3$s)'
            when old_log is null then 'with l as (delete from %1$s where ctid = any (array(select ctid from %1$s limit %3$s)) returning *)'
            else 'with n as (delete from %1$s where ctid = any (array(select ctid from %1$s limit %3$s)) returning *),'
            ' o as (delete from %2$s where ctid = any (array(select ctid from %2$s limit %3$s)) returning *),'
            ' l as (select * from n union all select * from o)' end
            || ' select count(*) as number, coalesce(bool_or(l.truncated), false) as truncated, array_agg(l)::text as keys from l',
            log_name, old_log, keys_at_once),
        format('delete from %s as r where %s', route, is_noted),
        format('insert into %1$s (%2$s) overriding system value select %2$s from (%3$s) as r where %4$s',
            route, columns, all_sources, is_noted),
        format('select %s is not distinct from %s', pgops.rows_digest(root, format('(%s) as r', all_sources), is_noted),
            pgops.rows_digest(root, route || ' as r', is_noted))
    ];
end
$$;

comment on function pgops.replay_statements(pgops.operation, boolean) is
    'The statements of pgops.replay_keys(): take keys from the log, and from the one that it has replaced (under_lock: read '
    'them), delete their rows from the new tables, insert those that the sources have, compare both. By state, not by '
    'event: neither the order of the changes nor their repetition matters. $1 is the keys as text.';

revoke all on function pgops.replay_statements(pgops.operation, boolean) from public;
grant execute on function pgops.replay_statements(pgops.operation, boolean) to pgops_operator;
