create or replace function pgops.refuse_referenced_rows(relation regclass, partition regclass, operation text) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key record;
begin
    for key in
        select c.conname, c.conrelid::regclass as referring, string_agg(format('f.%I = p.%I', f.attname, p.attname), ' and ' order by u.number) as matches
        from pg_constraint as c
        cross join lateral unnest(c.conkey, c.confkey) with ordinality as u (referring_number, referenced_number, number)
        join pg_attribute as f on f.attrelid = c.conrelid and f.attnum = u.referring_number
        join pg_attribute as p on p.attrelid = c.confrelid and p.attnum = u.referenced_number
        where c.contype = 'f' and c.confrelid = relation and c.conparentid = 0 and c.conrelid <> relation
        group by c.oid, c.conname, c.conrelid
        order by c.conname
    loop
        begin
            if pgops.value_as_owner(relation, format('select exists (select from %s as f join %s as p on %s)::text', key.referring,
                partition, key.matches)) = 'true'
            then
                perform pgops.refuse_operation(format('%s of %s is not possible: rows of %s refer to its rows by foreign key "%s"',
                    operation, partition, key.referring, key.conname), 'They have to go first, or to refer to others.');
            end if;
        exception
            when insufficient_privilege then
                null; -- who may not read the other table is told by the server, without anything being lost
        end;
    end loop;
end
$$;

comment on function pgops.refuse_referenced_rows(regclass, regclass, text) is
    'Raises 22023 when rows of other tables refer to rows of a partition that is to be taken out of its table. Reads both.';

revoke all on function pgops.refuse_referenced_rows(regclass, regclass, text) from public;
grant execute on function pgops.refuse_referenced_rows(regclass, regclass, text) to pgops_operator;
