create or replace function pgops.policy_partitions(value jsonb, kind text, nested boolean) returns jsonb
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    accepted text[] := case kind when 'list' then array['name', 'values'] else array['name', 'from', 'to'] end;
    piece record;
    names text[] := '{}';
begin
    if kind not in ('bounds', 'list') then
        return null;
    end if;
    if jsonb_typeof(value) is distinct from 'array' or value = '[]' then
        perform pgops.refuse_policy_value('partitions', value, format('a list of partitions with the keys %s',
            array_to_string(accepted, ', ')));
    end if;
    for piece in
        select format('partitions[%s]', p.position - 1) as key, p.value
        from jsonb_array_elements(value) with ordinality as p (value, position)
    loop
        perform pgops.check_policy_keys(piece.key, piece.value, accepted);
        perform pgops.check_name_fields(piece.value -> 'name', '{}', '{}', 't1_a', nested);
        perform pgops.check_partition_name(replace(piece.value ->> 'name', '{parent}', ''));
        if piece.value ->> 'name' = any (names) then
            perform pgops.refuse_policy_value(piece.key || '.name', piece.value -> 'name', 'a name for each partition');
        end if;
        names := names || (piece.value ->> 'name');
        if kind = 'list' and (jsonb_typeof(piece.value -> 'values') is distinct from 'array' or piece.value -> 'values' = '[]')
        then
            perform pgops.refuse_policy_value(piece.key || '.values', piece.value -> 'values',
                'a list of values of the key, null for NULL');
        end if;
    end loop;
    return value;
end
$$;

comment on function pgops.policy_partitions(jsonb, text, boolean) is
    'The partitions that a policy of kind bounds or list gives by name; null for the other kinds. '
    'Errors: 22023 with the key, the value and what is accepted; 42622 a name of more than 63 bytes.';

revoke all on function pgops.policy_partitions(jsonb, text, boolean) from public;
grant execute on function pgops.policy_partitions(jsonb, text, boolean) to pgops_operator;
