create or replace function pgops.check_declared_values(
    policy jsonb,
    key_type regtype,
    type_name text,
    collation_name text
) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    declared record;
begin
    for declared in
        select format('partitions[%s].values', p.position - 1) as key, v.value
        from jsonb_array_elements(policy -> 'partitions') with ordinality as p (value, position)
        cross join lateral jsonb_array_elements(p.value -> 'values') as v
        where v.value <> 'null'
    loop
        perform pgops.check_policy_literal(declared.key, declared.value, type_name, key_type);
    end loop;
    select format('partitions[%s].values', v.piece_number - 1) as key, to_jsonb(v.value) as value into declared
    from (
        select v.piece_number, v.value, row_number() over (partition by v.rank order by v.piece_number) as occurrence
        from pgops.ranked_values(
            array(select d from pgops.declared_pieces(policy, key_type, '') as d), key_type, type_name, collation_name
        ) as v
    ) as v
    where v.occurrence > 1 limit 1;
    if found then
        perform pgops.refuse_policy_value(declared.key, coalesce(declared.value, 'null'), 'each value once');
    end if;
end
$$;

comment on function pgops.check_declared_values(jsonb, regtype, text, text) is
    'Raises 22023 unless the values that a policy gives are values of the key, each given once.';

revoke all on function pgops.check_declared_values(jsonb, regtype, text, text) from public;
grant execute on function pgops.check_declared_values(jsonb, regtype, text, text) to pgops_operator;
