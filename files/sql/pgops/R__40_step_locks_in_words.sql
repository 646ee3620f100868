create or replace function pgops.step_locks_in_words(
    parent regclass,
    operation text,
    partition regclass default null,
    default_partition text default null
) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select string_agg(format('%s on %s%s', upper(l.lock_mode), coalesce(l.locked::text, default_partition),
        case when l.with_partitions then ' with its partitions' else '' end), ', ' order by l.number)
    from pgops.step_locks(parent, operation, partition, default_partition is not null)
        with ordinality as l (locked, lock_mode, with_partitions, number);
end;

comment on function pgops.step_locks_in_words(regclass, text, regclass, text) is
    'The lock_level of a step of a plan: what pgops.step_locks() gives, as text. partition: the one that leaves. '
    'default_partition: quoted and with schema, null for none; it need not be there yet. Reads the catalogue only.';

revoke all on function pgops.step_locks_in_words(regclass, text, regclass, text) from public;
grant execute on function pgops.step_locks_in_words(regclass, text, regclass, text) to pgops_operator;
