create or replace function app.noise(p_rows bigint, p_seed bigint)
returns table (row_number bigint, noise bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select numbers.row_number, hashint8extended(numbers.row_number, p_seed) & 9223372036854775807
    from generate_series(1, p_rows) as numbers (row_number);
end;

comment on function app.noise(bigint, bigint) is
    'Numbers 1 to p_rows, each with 63 random bits that follow from it and from p_seed alone: the same arguments give the '
    'same rows on every server. Locks: none.';

revoke all on function app.noise(bigint, bigint) from public;
