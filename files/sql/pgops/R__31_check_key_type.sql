create or replace function pgops.check_key_type(parent regclass, policy jsonb, key_type regtype) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    kind text := pgops.policy_kind(policy);
    accepted text := case kind
        when 'period' then 'date, timestamp or timestamptz'
        when 'number' then 'smallint, integer, bigint or numeric'
        else 'a built-in type that can be sorted, or an enum'
    end;
    fits boolean := case kind
        when 'period' then key_type in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
        when 'number' then key_type in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
        when 'hash' then true
        else exists (
            select from pg_type as t
            where t.oid = key_type
                and (t.typtype = 'e' or t.typtype = 'b' and t.typnamespace = 'pg_catalog'::regnamespace and t.typelem = 0)
        )
    end;
begin
    if key_type is null then
        perform pgops.refuse_policy_value('by.' || pgops.policy_strategy(policy), to_jsonb(pgops.policy_column(policy)),
            format('a column of %s', parent));
    end if;
    if not fits then
        raise exception 'column "%" of % is of type %; accepted for a policy by %: %', pgops.policy_column(policy), parent,
            key_type, pgops.policy_strategy(policy)
            || case when kind in ('period', 'number') then format(' every %s', policy #>> '{by,every}') else '' end, accepted
            using errcode = 'feature_not_supported';
    end if;
end
$$;

comment on function pgops.check_key_type(regclass, jsonb, regtype) is
    'Raises unless the type of a column (null for no such column) is one that the policy can partition by. '
    'Errors: 22023 no such column, 0A000 another type.';

revoke all on function pgops.check_key_type(regclass, jsonb, regtype) from public;
grant execute on function pgops.check_key_type(regclass, jsonb, regtype) to pgops_operator;
