create or replace function pgops.bound_literal(bound timestamp, key_type regtype) returns text
language sql
stable
strict
set search_path = pg_catalog, pg_temp
set datestyle = 'ISO, YMD'
return case key_type
    when 'date'::regtype then bound::date::text
    when 'timestamptz'::regtype then bound::text || case when isfinite(bound) then '+00' else '' end
    else bound::text
end;

comment on function pgops.bound_literal(timestamp, regtype) is
    'A bound as text that means the same in every session: ISO 8601, for timestamptz with offset +00.';

revoke all on function pgops.bound_literal(timestamp, regtype) from public;
grant execute on function pgops.bound_literal(timestamp, regtype) to pgops_monitor;
