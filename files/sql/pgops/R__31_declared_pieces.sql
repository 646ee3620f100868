create or replace function pgops.declared_pieces(
    policy jsonb,
    key_type regtype,
    parent_name text
) returns setof pgops.partition_piece
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select
        pgops.check_partition_name(replace(p.value ->> 'name', '{parent}', parent_name)),
        pgops.given_value(p.value ->> 'from', key_type, policy ->> 'time_zone'),
        pgops.given_value(p.value ->> 'to', key_type, policy ->> 'time_zone'),
        case when p.value ? 'values' then array(
            select pgops.given_value(v.value #>> '{}', key_type, 'UTC')
            from jsonb_array_elements(p.value -> 'values') with ordinality as v (value, position)
            order by v.position
        ) end,
        null::integer,
        null::integer,
        null::bigint
    from jsonb_array_elements(policy -> 'partitions') with ordinality as p (value, position)
    order by p.position;
end;

comment on function pgops.declared_pieces(jsonb, regtype, text) is
    'The partitions that a policy of kind bounds or list gives, in its order. parent_name: of their table, for {parent}. '
    'Errors: 42622 a name of more than 63 bytes, and those of pgops.given_value().';

revoke all on function pgops.declared_pieces(jsonb, regtype, text) from public;
grant execute on function pgops.declared_pieces(jsonb, regtype, text) to pgops_monitor;
