create or replace function pgops.retention_bound(parent regclass, policy jsonb, as_of timestamptz) returns text
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key_type regtype;
begin
    if coalesce(policy #>> '{retention,then}', 'keep') = 'keep' then
        return null;
    end if;
    if pgops.keeps_numbers(policy) then
        return (pgops.highest_key(parent) - (policy #>> '{retention,keep}')::numeric)::text;
    end if;
    key_type := (pgops.key_column(parent, pgops.policy_column(policy))).key_type;
    return pgops.bound_literal(pgops.retention_limit(policy, key_type, as_of), key_type);
end
$$;

comment on function pgops.retention_bound(regclass, jsonb, timestamptz) is
    'Key value, as text, below which the retention of a policy keeps nothing; null for none. '
    'Errors and locks: as pgops.highest_key(), for a key of numbers.';

revoke all on function pgops.retention_bound(regclass, jsonb, timestamptz) from public;
grant execute on function pgops.retention_bound(regclass, jsonb, timestamptz) to pgops_operator;
