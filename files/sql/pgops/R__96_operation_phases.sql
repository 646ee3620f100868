create or replace function pgops.operation_phases(method text) returns text[]
language sql
immutable
strict
set search_path = pg_catalog, pg_temp
return case method
    when 'swap' then array[
        'create', 'capture', 'copy', 'settle', 'index', 'watch', 'settle_keys', 'keys', 'guard', 'wait', 'compare', 'catch_up',
        'switch', 'uncheck', 'follow_up', 'clean', 'done'
    ]
    when 'convert' then array[
        'create', 'capture', 'copy', 'settle', 'index', 'wait', 'compare', 'catch_up', 'switch', 'after', 'kept'
    ]
    when 'follow' then array['create', 'capture', 'copy', 'settle', 'index', 'compare', 'publish', 'kept']
    when 'attach' then array['create', 'index', 'wait', 'switch', 'clean', 'done']
    when 'archive' then array['wait', 'switch', 'archive', 'clean', 'done']
    else array['wait', 'switch', 'clean', 'done']
end;

comment on function pgops.operation_phases(text) is 'The phases of an operation in their order, by its method.';

revoke all on function pgops.operation_phases(text) from public;
grant execute on function pgops.operation_phases(text) to pgops_operator;
