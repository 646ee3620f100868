create or replace function pgops.declared_partitions(
    parent regclass,
    policy jsonb,
    parent_name text default ''
) returns setof pgops.partition_piece
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if pgops.policy_kind(policy) <> 'hash' then
        return query
        select d.*
        from pgops.declared_pieces(
            policy, (pgops.key_column(parent, pgops.policy_column(policy))).key_type, parent_name
        ) as d;
        return;
    end if;
    return query
    select
        pgops.check_partition_name(replace(
            replace(policy ->> 'name', '{remainder}', r.remainder::text), '{parent}', parent_name
        )),
        null::text, null::text, null::text[], (policy #>> '{by,modulus}')::integer, r.remainder, null::bigint
    from generate_series(0, (policy #>> '{by,modulus}')::integer - 1) as r (remainder);
end
$$;

comment on function pgops.declared_partitions(regclass, jsonb, text) is
    'The partitions that a policy by given bounds, list or hash declares, whatever there is. parent_name: of the table, for '
    '{parent}. Errors: as pgops.declared_pieces().';

revoke all on function pgops.declared_partitions(regclass, jsonb, text) from public;
grant execute on function pgops.declared_partitions(regclass, jsonb, text) to pgops_monitor;
