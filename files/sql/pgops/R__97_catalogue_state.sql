create or replace function pgops.catalogue_state(tables regclass[]) returns text
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    -- A row that was written anew, whatever was changed in it, has another xmin; statistics are written in place.
    select md5(string_agg(r.catalogue_row, ' ' order by r.catalogue_row collate "C"))
    from (
        select concat('table ', c.oid, ' ', c.xmin) as catalogue_row from pg_class as c where c.oid = any(tables)
        union all
        select concat('column ', a.attrelid, ' ', a.attnum, ' ', a.xmin) from pg_attribute as a
        where a.attrelid = any(tables) and a.attnum > 0
        union all
        select concat('default ', d.oid, ' ', d.xmin) from pg_attrdef as d where d.adrelid = any(tables)
        union all
        select concat('index ', i.indexrelid, ' ', i.xmin) from pg_index as i where i.indrelid = any(tables)
        union all
        -- Keys that refer to them have triggers on them, by which they are found without looking through all constraints.
        select concat('constraint ', k.oid, ' ', k.xmin) from pg_constraint as k where k.conrelid = any(tables)
        union all
        select concat('trigger ', t.oid, ' ', t.xmin) from pg_trigger as t where t.tgrelid = any(tables)
        union all
        select concat('policy ', p.oid, ' ', p.xmin) from pg_policy as p where p.polrelid = any(tables)
        union all
        select concat('rule ', r.oid, ' ', r.xmin) from pg_rewrite as r where r.ev_class = any(tables)
        union all
        select concat('statistics ', s.oid, ' ', s.xmin) from pg_statistic_ext as s where s.stxrelid = any(tables)
        union all
        select concat('publication ', p.oid, ' ', p.xmin) from pg_publication_rel as p where p.prrelid = any(tables)
        union all
        select concat('comment ', d.objoid, ' ', d.objsubid, ' ', d.xmin) from pg_description as d
        where d.classoid = 'pg_class'::regclass and d.objoid = any(tables::oid[])
        union all
        select concat('dependent ', d.classid, ' ', d.objid, ' ', d.refobjsubid) from pg_depend as d
        where d.refclassid = 'pg_class'::regclass and d.refobjid = any(tables::oid[]) and d.deptype = 'n'
    ) as r;
end;

comment on function pgops.catalogue_state(regclass[]) is
    'A hash of the rows of the catalogue that concern some tables: equal as long as nobody has changed anything of them.';

revoke all on function pgops.catalogue_state(regclass[]) from public;
grant execute on function pgops.catalogue_state(regclass[]) to pgops_operator;
