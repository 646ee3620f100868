create or replace function pgops.is_never_null(relation regclass, attnum int2) returns boolean
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- From PostgreSQL 18 on, a NOT NULL may be one that no row has been looked at for.
    select exists(
        select from pg_attribute as a
        where a.attrelid = relation
            and a.attnum = is_never_null.attnum
            and a.attnotnull
            and not exists (
                select from pg_constraint as k
                where k.conrelid = a.attrelid and k.contype = 'n' and k.conkey = array[a.attnum] and not k.convalidated
            )
    );
end;

comment on function pgops.is_never_null(regclass, int2) is
    'Whether a column has a NOT NULL that holds for all rows: one that is not NOT VALID.';

revoke all on function pgops.is_never_null(regclass, int2) from public;
grant execute on function pgops.is_never_null(regclass, int2) to pgops_operator;
