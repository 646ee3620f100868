create or replace function pgops.check_retention_type(policy jsonb, key_type regtype) returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    keep jsonb := policy #> '{retention,keep}';
    accepted text := case
        when key_type in ('date'::regtype, 'timestamp'::regtype, 'timestamptz'::regtype)
            then 'a number of days, weeks, months or years, such as "24 months"'
        when key_type in ('int2'::regtype, 'int4'::regtype, 'int8'::regtype, 'numeric'::regtype)
            then 'a whole number: how far below the highest key'
        else 'no retention'
    end;
begin
    if keep is not null
        and (accepted = 'no retention' or (accepted like 'a whole%') <> (keep #>> '{}' ~ '^[0-9]+$'))
    then
        perform pgops.refuse_policy_value('retention.keep', keep, format('for a key of type %s %s', key_type, accepted));
    end if;
end
$$;

comment on function pgops.check_retention_type(jsonb, regtype) is
    'Raises 22023 unless the retention of a policy is of the kind that the key has: a time or a number.';

revoke all on function pgops.check_retention_type(jsonb, regtype) from public;
grant execute on function pgops.check_retention_type(jsonb, regtype) to pgops_operator;
