create or replace function pgops.wanted_pieces(
    parent regclass,
    policy jsonb,
    as_of timestamptz,
    parent_name text,
    is_there boolean
) returns setof pgops.partition_piece
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    case pgops.policy_kind(policy)
        when 'period' then
            return query select p.* from pgops.wanted_period_pieces(parent, policy, as_of, parent_name, is_there) as p;
        when 'number' then
            return query select p.* from pgops.wanted_number_pieces(parent, policy, parent_name, is_there) as p;
        else
            return query select d.* from pgops.declared_partitions(parent, policy, parent_name) as d;
    end case;
end
$$;

comment on function pgops.wanted_pieces(regclass, jsonb, timestamptz, text, boolean) is
    'The partitions that a policy wants at a moment, whatever there is. Arguments: as pgops.wanted_period_pieces(). '
    'Errors and locks: as there, and as pgops.wanted_number_pieces() and pgops.declared_pieces().';

revoke all on function pgops.wanted_pieces(regclass, jsonb, timestamptz, text, boolean) from public;
grant execute on function pgops.wanted_pieces(regclass, jsonb, timestamptz, text, boolean) to pgops_operator;
