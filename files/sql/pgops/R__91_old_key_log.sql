create or replace function pgops.old_key_log(operation pgops.operation) returns regclass
language sql
stable
set search_path = pg_catalog, pg_temp
return pgops.find_relation(pgops.operation_object(operation.relation, operation.operation_id, 'old_log'));

comment on function pgops.old_key_log(pgops.operation) is
    'The log of changed keys that pgops.perform_renew_log() has replaced, until it has been read; null when there is none.';

revoke all on function pgops.old_key_log(pgops.operation) from public;
grant execute on function pgops.old_key_log(pgops.operation) to pgops_operator;
