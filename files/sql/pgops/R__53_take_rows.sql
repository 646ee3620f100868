create or replace function pgops.take_rows(
    parent regclass,
    source regclass,
    holder text,
    condition text
) returns bigint
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    columns text := pgops.stored_columns(parent);
    foreign_key record;
begin
    -- Deleting the row would break the reference, or follow ON DELETE CASCADE.
    select k.conname, k.conrelid::regclass as referencing into foreign_key
    from pg_constraint as k where k.confrelid = parent and k.contype = 'f' limit 1;
    if found then
        raise exception 'rows of % cannot move to another partition: foreign key "%" of % refers to %',
            source, foreign_key.conname, foreign_key.referencing, parent
            using errcode = 'feature_not_supported',
                hint = 'Drop the foreign key, apply the policy again, and add the foreign key again.';
    end if;
    -- Unlogged, because that is never published, also not FOR ALL TABLES; it is gone before the transaction ends.
    perform pgops.run_as_owner(parent, format('create unlogged table %s (like %s)', holder, parent));
    return pgops.run_without_user_triggers(parent, source, format(
        'with taken as (delete from %1$s where %2$s returning %3$s) insert into %4$s (%3$s) select %3$s from taken',
        source, condition, columns, holder));
end
$$;

comment on function pgops.take_rows(regclass, regclass, text, text) is
    'Takes the rows that meet a condition out of a partition into a new unlogged table (holder, quoted and with schema); '
    'returns their number. Errors: 0A000 a foreign key refers to the table, 42501 row-level security would hide rows. '
    'Locks: SHARE ROW EXCLUSIVE on the partition.';

revoke all on function pgops.take_rows(regclass, regclass, text, text) from public;
grant execute on function pgops.take_rows(regclass, regclass, text, text) to pgops_operator;
