create or replace function pgops.carried_columns(
    source regclass,
    relation regclass
) returns table (kind text, fact text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select 'column', c.command from pgops.carry_columns(source, relation) as c (command)
    union all
    select 'column', format('alter table %s alter column %I %s', relation, a.attname, x.clause)
    from pg_attribute as a
    left join pg_attrdef as d on d.adrelid = a.attrelid and d.adnum = a.attnum
    cross join lateral (values
        (case when a.attnotnull then 'set not null' end),
        (case when a.attgenerated = '' then 'set default ' else 'generated as ' end || pg_get_expr(d.adbin, d.adrelid))
    ) as x (clause)
    where a.attrelid = source and a.attnum > 0 and not a.attisdropped and x.clause is not null
    union all
    select 'sequence', format('sequence %s is owned by column %I', d.objid::regclass, a.attname)
    from pg_depend as d
    join pg_class as q on q.oid = d.objid and q.relkind = 'S'
    join pg_attribute as a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
    where d.classid = 'pg_class'::regclass
        and d.refclassid = 'pg_class'::regclass
        and d.refobjid = source
        and d.deptype = 'a';
end;

comment on function pgops.carried_columns(regclass, regclass) is
    'What the columns of a table have, in the words of a command each that would give it to another table (relation): '
    'defaults, NOT NULL, statistics targets, options, storage and compression (these two where they are others than those of '
    'relation), owned sequences. kind: column, sequence.';

revoke all on function pgops.carried_columns(regclass, regclass) from public;
grant execute on function pgops.carried_columns(regclass, regclass) to pgops_operator;
