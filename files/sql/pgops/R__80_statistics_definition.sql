create or replace function pgops.statistics_definition(statistics oid, out kinds text, out columns text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- CREATE STATISTICS name [(kinds)] ON columns FROM table; names stand in quotes where they need them.
    select
        trim(split_part(d.rest, ' ON ', 1)),
        substr(d.rest, length(split_part(d.rest, ' ON ', 1)) + 5)
    from pg_statistic_ext as e
    cross join lateral (
        select format('CREATE STATISTICS %s.%I', e.stxnamespace::regnamespace, e.stxname) as head,
            ' FROM ' || e.stxrelid::regclass as tail,
            pg_get_statisticsobjdef(e.oid) as whole
    ) as w
    cross join lateral (
        select substr(w.whole, length(w.head) + 1, length(w.whole) - length(w.head) - length(w.tail)) as rest
    ) as d
    where e.oid = statistics;
end;

comment on function pgops.statistics_definition(oid) is
    'Kinds (in parentheses, empty for all) and columns of a statistics object, without its name and that of its table.';

revoke all on function pgops.statistics_definition(oid) from public;
grant execute on function pgops.statistics_definition(oid) to pgops_operator;
