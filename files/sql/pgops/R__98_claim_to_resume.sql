create or replace function pgops.claim_to_resume(operation_id bigint) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if (pgops.claim_operation(operation_id)).phase = 'kept' then
        update pgops.operation as o set phase = 'keep_up' where o.operation_id = claim_to_resume.operation_id;
    end if;
end
$$;

comment on function pgops.claim_to_resume(bigint) is
    'Makes this session the one that goes on with an operation; for a conversion whose tables are kept in step, to carry along '
    'what has changed since. Errors: as pgops.claim_operation().';

revoke all on function pgops.claim_to_resume(bigint) from public;
grant execute on function pgops.claim_to_resume(bigint) to pgops_operator;
