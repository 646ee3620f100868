create or replace function pgops.partition_key_expressions(relation regclass) returns text[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    definition text;
    key_count integer;
    letter text;
    depth integer := 0;
    quote text;
    part text := '';
    parts text[] := '{}';
begin
    select pg_get_expr(p.partexprs, p.partrelid) || ')', cardinality(array_positions(p.partattrs::int2[], 0::int2))
    into definition, key_count
    from pg_partitioned_table as p where p.partrelid = relation and p.partexprs is not null;
    if not found then
        return parts;
    end if;
    -- Commas outside of parentheses and quotes separate the expressions.
    foreach letter in array string_to_array(definition, null) loop
        if quote is not null then
            quote := case when letter = quote then null else quote end;
        elsif letter in ('''', '"') then
            quote := letter;
        elsif letter = '(' then
            depth := depth + 1;
        elsif letter = ')' then
            depth := depth - 1;
        end if;
        if depth < 0 or depth = 0 and quote is null and letter = ',' then
            parts := parts || btrim(part);
            part := '';
            exit when depth < 0;
        else
            part := part || letter;
        end if;
    end loop;
    if cardinality(parts) <> key_count then
        raise exception 'the partition key % of % is not understood', pg_get_partkeydef(relation), relation
            using errcode = 'feature_not_supported';
    end if;
    return parts;
end
$$;

comment on function pgops.partition_key_expressions(regclass) is
    'The expressions among what a table is partitioned by, in order. Errors: 0A000 they cannot be told apart.';

revoke all on function pgops.partition_key_expressions(regclass) from public;
grant execute on function pgops.partition_key_expressions(regclass) to pgops_operator;
