create or replace function pgops.check_declared_bounds(
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
    bound record;
    piece record;
begin
    for bound in
        select format('partitions[%s].%s', p.position - 1, b.key) as key, b.value
        from jsonb_array_elements(policy -> 'partitions') with ordinality as p (value, position)
        cross join lateral jsonb_each(p.value) as b
        where b.key in ('from', 'to') and b.value <> 'null'
    loop
        perform pgops.check_policy_literal(bound.key, bound.value, type_name, key_type);
    end loop;
    for piece in
        select
            format('partitions[%s]', r.piece_number - 1) as key,
            policy -> 'partitions' -> (r.piece_number - 1)::integer as value,
            r.lower_rank >= r.upper_rank as is_empty,
            lag(r.upper_rank) over w > r.lower_rank as overlaps,
            policy #>> array['partitions', (lag(r.piece_number) over w - 1)::text, 'name'] as previous_name
        from pgops.ranked_pieces(
            array(select d from pgops.declared_pieces(policy, key_type, '') as d), key_type, type_name, collation_name
        ) as r
        window w as (order by r.lower_rank, r.upper_rank)
    loop
        if piece.is_empty then
            perform pgops.refuse_policy_value(piece.key, piece.value, '"from" before "to"');
        end if;
        if piece.overlaps then
            perform pgops.refuse_policy_value(piece.key, piece.value,
                format('bounds that do not overlap those of "%s"', piece.previous_name));
        end if;
    end loop;
end
$$;

comment on function pgops.check_declared_bounds(jsonb, regtype, text, text) is
    'Raises 22023 unless the bounds that a policy gives are values of the key, in order, and overlap nowhere.';

revoke all on function pgops.check_declared_bounds(jsonb, regtype, text, text) from public;
grant execute on function pgops.check_declared_bounds(jsonb, regtype, text, text) to pgops_operator;
