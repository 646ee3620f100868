create or replace function pgops.archive_arguments(policy jsonb) returns jsonb
language sql
immutable
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_build_object(
        'into', format('%I.%I', n.parts[1], n.parts[2]),
        'reason', coalesce(policy #>> '{retention,reason}', 'retention: ' || (policy #>> '{retention,keep}'))
    )
    from (select string_to_array(policy #>> '{retention,into}', '.') as parts) as n
    where policy #>> '{retention,then}' = 'archive';
end;

comment on function pgops.archive_arguments(jsonb) is
    'Arguments, but for the partition, of the operations by which a policy archives; null where it archives nothing.';

revoke all on function pgops.archive_arguments(jsonb) from public;
grant execute on function pgops.archive_arguments(jsonb) to pgops_operator;
