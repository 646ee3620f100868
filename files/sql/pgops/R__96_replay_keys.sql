create or replace function pgops.replay_keys(
    operation pgops.operation,
    statements text[],
    indexed boolean default true,
    maximum bigint default null
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
set row_security = off -- an error rather than rows unseen
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set extra_float_digits = 1
as $$
declare
    keys_at_once bigint := pgops.configuration_value('operation_keys_at_once');
    previous_role text := pgops.become_owner(operation.relation);
    noted record;
    keys_in_all bigint := 0;
    is_same boolean := true;
begin
    if operation.progress ? 'watching' and maximum is null then
        perform set_config('role', previous_role, true);
        return pgops.replay_held_keys(operation);
    end if;
    loop
        execute statements[1] into noted;
        keys_in_all := keys_in_all + noted.number;
        if noted.truncated then
            raise exception 'a table whose rows are copied was truncated' using errcode = 'PG003';
        end if;
        if noted.number > maximum then
            raise exception '% changed rows are left, too many to be carried along under locks', noted.number
                using errcode = 'lock_not_available';
        end if;
        if noted.number > 0 and maximum is not null then
            execute format(statements[2], noted.keys);
            execute format(statements[3], noted.keys);
            execute format(statements[4], noted.keys) into is_same;
        elsif noted.number > 0 then
            if indexed then
                perform set_config('enable_seqscan', 'off', true);
                perform set_config('enable_hashjoin', 'off', true);
                perform set_config('enable_mergejoin', 'off', true);
            end if;
            execute statements[2] using noted.keys;
            execute statements[3] using noted.keys;
            perform set_config('enable_seqscan', 'on', true);
            perform set_config('enable_hashjoin', 'on', true);
            perform set_config('enable_mergejoin', 'on', true);
        end if;
        exit when maximum is not null or noted.number < keys_at_once;
    end loop;
    perform set_config('role', previous_role, true);
    if not is_same then
        raise exception 'the rows changed last differ between the old and the new tables' using errcode = 'data_corrupted';
    end if;
    return keys_in_all;
end
$$;

comment on function pgops.replay_keys(pgops.operation, text[], boolean, bigint) is
    'Brings the new tables to the state of the sources for all keys in the log. statements: of pgops.replay_statements(), '
    'under locks of pgops.rehearse_replay(). '
    'Setting operation_keys_at_once: how many are taken together. indexed: the new tables have their indexes. '
    'maximum: keys that may be left under the locks of a switch, whose rows are compared then. '
    'Returns the number of keys. Needs one snapshot: REPEATABLE READ, or sources that nobody can write to; where copies have foreign keys, '
    'pgops.replay_held_keys() is called, which needs READ COMMITTED. '
    'Errors: PG003 a source was truncated, 55P03 more keys than maximum, XX001 rows differ.';

revoke all on function pgops.replay_keys(pgops.operation, text[], boolean, bigint) from public;
grant execute on function pgops.replay_keys(pgops.operation, text[], boolean, bigint) to pgops_operator;
