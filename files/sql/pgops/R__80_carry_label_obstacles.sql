create or replace function pgops.carry_label_obstacles(source regclass) returns setof text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- Its provider alone knows whether the owner may give the label to another table, or whether it has to be another one.
    select format('%s %s%s has a security label of provider "%s" (%L), which new tables would not have: SECURITY LABEL FOR %I ON '
        '%s %s%s IS NULL, and label the new tables afterwards', k.kind, source, k.column_name, l.provider, l.label, l.provider,
        k.kind, source, k.column_name)
    from pg_seclabel as l
    left join pg_attribute as a on a.attrelid = l.objoid and a.attnum = l.objsubid and l.objsubid > 0
    cross join lateral (
        select
            case when a.attname is null then 'table' else 'column' end as kind,
            coalesce('.' || quote_ident(a.attname), '') as column_name
    ) as k
    where l.classoid = 'pg_class'::regclass and l.objoid = source
    order by l.objsubid, l.provider;
end;

comment on function pgops.carry_label_obstacles(regclass) is
    'Security labels of a table and its columns (SECURITY LABEL), which are not given to the tables that take its place.';

revoke all on function pgops.carry_label_obstacles(regclass) from public;
grant execute on function pgops.carry_label_obstacles(regclass) to pgops_operator;
