create or replace function pgops.key_locks_in_words(sources regclass[], pattern text) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select string_agg(distinct format(pattern, k.confrelid::regclass), ', ')
    from pg_constraint as k
    where k.conrelid = any(sources) and k.contype = 'f';
end;

comment on function pgops.key_locks_in_words(regclass[], text) is
    'Words of a plan about the tables to which foreign keys of some tables lead, separated by commas; null for none. '
    'pattern: of format(), for one of them.';

revoke all on function pgops.key_locks_in_words(regclass[], text) from public;
grant execute on function pgops.key_locks_in_words(regclass[], text) to pgops_operator;
