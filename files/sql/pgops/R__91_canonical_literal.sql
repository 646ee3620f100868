create or replace function pgops.canonical_literal(relation regclass, literal text, type_name text) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
set intervalstyle = 'postgres'
set timezone = 'UTC'
set extra_float_digits = 1
as $$
begin
    if literal in ('NULL', 'MINVALUE', 'MAXVALUE') then
        return literal;
    end if;
    -- A user's type may run a user's code: as the owner of the table.
    return pgops.value_as_owner(relation, format('select quote_literal((%s)::%s::text)', literal, type_name));
end
$$;

comment on function pgops.canonical_literal(regclass, text, text) is
    'A literal of a partition bound, as the one that the same value of this type has in every session: ISO dates, times '
    'with time zone in UTC. MINVALUE, MAXVALUE and NULL stay. Errors: those of the type for a value that it refuses.';

revoke all on function pgops.canonical_literal(regclass, text, text) from public;
grant execute on function pgops.canonical_literal(regclass, text, text) to pgops_operator;
