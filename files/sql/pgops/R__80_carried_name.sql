create or replace function pgops.carried_name(
    source regclass,
    target regclass,
    object_name name,
    present name,
    taken text[]
) returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    source_name text := (select c.relname from pg_class as c where c.oid = source);
    target_name text := (select c.relname from pg_class as c where c.oid = target);
    -- Characters with which both begin.
    shared integer := (
        select coalesce(max(n.characters), 0) from generate_series(1, length(object_name)) as n (characters)
        where left(object_name, n.characters) = left(source_name, n.characters)
    );
    wanted text;
    result text;
begin
    if starts_with(object_name, source_name) then
        wanted := target_name || substr(object_name, length(source_name) + 1);
    elsif octet_length(source_name) + octet_length(substr(object_name, shared + 1)) > 63 and substr(object_name, shared + 1, 1) = '_' then
        -- The server has cut the table's name to have room for the ending.
        wanted := pgops.fitted_name(target_name, substr(object_name, shared + 1));
    else
        wanted := target_name || '_' || object_name;
    end if;
    result := wanted::name;
    for number in 1 .. 1000 loop
        exit when result = present or result <> all (taken);
        -- Cut to whole characters, as the server cuts names.
        result := (left(wanted, length(wanted::name::text) - length(number::text)) || number)::name;
    end loop;
    return result;
end
$$;

comment on function pgops.carried_name(regclass, regclass, name, name, text[]) is
    'A free name, none of taken, for the index or statistics object of a target that is made after one of the source: the '
    'source''s name at its beginning, cut by the server or not, is replaced by that of the target, else the target''s is put before it; at most 63 '
    'bytes. present: the name of that object where it exists already.';

revoke all on function pgops.carried_name(regclass, regclass, name, name, text[]) from public;
grant execute on function pgops.carried_name(regclass, regclass, name, name, text[]) to pgops_operator;
