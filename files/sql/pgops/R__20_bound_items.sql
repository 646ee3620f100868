create or replace function pgops.bound_items(list text) returns text[]
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return array(
    select case
        when m.item[1] is not null then replace(m.item[1], '''''', '''')
        when m.item[2] not in ('NULL', 'MINVALUE', 'MAXVALUE') then m.item[2]
    end
    from regexp_matches(list, $re$'((?:[^']|'')*)'|([^\s,']+)$re$, 'g') with ordinality as m (item, position)
    order by m.position
);

comment on function pgops.bound_items(text) is
    'The values of a list as pg_get_expr() writes those of a partition bound (with standard_conforming_strings on): '
    'quoted or not, in their order; null for NULL, MINVALUE and MAXVALUE.';

revoke all on function pgops.bound_items(text) from public;
grant execute on function pgops.bound_items(text) to pgops_monitor;
