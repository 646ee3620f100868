create or replace function pgops.check_archive(relation regclass, partition regclass, archive_name text) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    name_parts text[];
    archive regclass;
    owner name;
    missing text;
begin
    begin
        name_parts := parse_ident(archive_name);
    exception
        when invalid_parameter_value then
            name_parts := null;
    end;
    if cardinality(name_parts) is distinct from 2 or to_regnamespace(quote_ident(name_parts[1])) is null then
        perform pgops.refuse_operation(format('"into" is %s; accepted: schema (which exists) and name of the table that '
            'keeps the rows, such as "app.events_archive"', coalesce('"' || archive_name || '"', 'missing')));
    end if;
    if octet_length(name_parts[2]) > 63 then
        perform pgops.refuse_operation(format('"into" is "%s"; accepted: a name of 63 bytes at most', archive_name));
    end if;
    if exists (
        select from pg_attribute as a
        where a.attrelid = partition and a.attname in ('archived_at', 'archive_reason') and not a.attisdropped
    ) then
        perform pgops.refuse_operation(format('%s has a column archived_at or archive_reason, which an archive has for its own use',
            partition));
    end if;
    select pg_get_userbyid(c.relowner) into owner from pg_class as c where c.oid = relation;
    if not exists (select from pg_class as c where c.oid = partition and c.relkind in ('r', 'p')) then
        perform pgops.refuse_operation(format('%s is no table whose rows can be copied', partition));
    end if;
    archive := pgops.find_relation(format('%I.%I', name_parts[1], name_parts[2]));
    if archive is null then
        if not has_schema_privilege(owner, name_parts[1], 'CREATE') then
            perform pgops.refuse_operation(format('%s may not make a table in schema %I', owner, name_parts[1]),
                'It needs CREATE there, or an archive that is there already.');
        elsif exists (
            select from pg_type as t where t.typname = name_parts[2] and t.typnamespace = quote_ident(name_parts[1])::regnamespace
        ) then
            perform pgops.refuse_operation(format('"into" is "%s", and there is a type of that name', archive_name));
        end if;
        return;
    end if;
    if not exists (select from pg_class as c where c.oid = archive and c.relkind in ('r', 'p')) then
        perform pgops.refuse_operation(format('%s is no table', archive));
    elsif not (has_table_privilege(owner, archive, 'SELECT') and has_table_privilege(owner, archive, 'INSERT')
        and has_table_privilege(owner, archive, 'DELETE'))
    then
        perform pgops.refuse_operation(format('%s, the owner of %s, may not read, insert into and delete from %s', owner, relation,
            archive));
    end if;
    select string_agg(format('%I %s', w.name, w.type_name), ', ') into missing
    from (
        select a.attname, format_type(a.atttypid, a.atttypmod) from pg_attribute as a
        where a.attrelid = partition and a.attnum > 0 and not a.attisdropped
        union all values ('archived_at', 'timestamp with time zone'), ('archive_reason', 'text')
    ) as w (name, type_name)
    where not exists (
        select from pg_attribute as h
        where h.attrelid = archive and h.attname = w.name and format_type(h.atttypid, h.atttypmod) = w.type_name
            and not h.attisdropped
    );
    if missing is not null or archive = partition
        or exists (select from pg_inherits as i where i.inhrelid = archive and i.inhparent = relation)
    then
        perform pgops.refuse_operation(format('%s cannot keep the rows of %s', archive, partition),
            coalesce('It lacks the columns ' || missing, 'It is a partition of the same table.'));
    end if;
end
$$;

comment on function pgops.check_archive(regclass, regclass, text) is
    'Raises 22023 unless a table of that name can keep the rows of a partition: it does not exist yet, or has all of its '
    'columns and archived_at timestamptz, archive_reason text.';

revoke all on function pgops.check_archive(regclass, regclass, text) from public;
grant execute on function pgops.check_archive(regclass, regclass, text) to pgops_operator;
