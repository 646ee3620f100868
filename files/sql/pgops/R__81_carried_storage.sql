create or replace function pgops.carried_storage(
    source regclass,
    policy jsonb default '{}'
) returns table (kind text, fact text)
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select 'storage', x.fact
    from pg_class as c
    left join pg_class as w on w.oid = c.reltoastrelid
    left join pg_am as m on m.oid = c.relam
    left join pg_tablespace as t on t.oid = c.reltablespace
    cross join lateral (
        values
        ('access method ' || m.amname),
        (case when not policy ? 'tablespace' then 'tablespace ' || t.spcname end),
        (case c.relpersistence when 'u' then 'unlogged' end)
        union all
        select format('%s%s = %s', p.prefix, o.option_name, o.option_value)
        from (values ('', c.reloptions), ('toast.', w.reloptions)) as p (prefix, options)
        cross join pg_options_to_table(p.options) as o
        where not policy ? 'storage_parameters'
    ) as x (fact)
    where c.oid = source and c.relkind = 'r' and x.fact is not null;
end;

comment on function pgops.carried_storage(regclass, jsonb) is
    'How a table is stored, a line each: access method, tablespace, storage parameters (of the TOAST table, too), unlogged; '
    'without what a policy says itself. kind: storage.';

revoke all on function pgops.carried_storage(regclass, jsonb) from public;
grant execute on function pgops.carried_storage(regclass, jsonb) to pgops_operator;
