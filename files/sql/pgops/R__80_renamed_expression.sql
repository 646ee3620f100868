create or replace function pgops.renamed_expression(expression text, source regclass, target regclass) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Within a subquery the server puts the table's name before its columns. Texts and quoted names stay whole.
    with token as (
        select t.part[1] as part, t.number
        from regexp_matches(expression, $re$'(?:[^']|'')*'|"(?:[^"]|"")*"|[^'"]+$re$, 'g') with ordinality as t (part, number)
    ),

    names as (
        select quote_ident(s.relname) as old_name, quote_ident(t.relname) as new_name
        from pg_class as s
        join pg_class as t on t.oid = target
        where s.oid = source
    )

    select string_agg(
        case
            when starts_with(k.part, '''') then k.part
            when starts_with(k.part, '"') then case
                when k.part = n.old_name and starts_with(k.next_part, '.') and k.previous_part !~ '\.$' then n.new_name
                else k.part
            end
            when starts_with(n.old_name, '"') then k.part
            else regexp_replace(k.part, '(^|[^\w.$])' || n.old_name || '\.',
                '\1' || replace(n.new_name, '\', '\\') || '.', 'g')
        end,
        '' order by k.number
    )
    from (
        select
            t.part,
            t.number,
            lag(t.part, 1, '') over (order by t.number) as previous_part,
            lead(t.part, 1, '') over (order by t.number) as next_part
        from token as t
    ) as k
    cross join names as n;
end;

comment on function pgops.renamed_expression(text, regclass, regclass) is
    'An expression as the server writes it (pg_get_expr()) about columns of a table, made to speak of another table where it '
    'puts the name of the table before a column.';

revoke all on function pgops.renamed_expression(text, regclass, regclass) from public;
grant execute on function pgops.renamed_expression(text, regclass, regclass) to pgops_operator;
