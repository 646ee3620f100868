create or replace function pgops.design_removal(relation regclass, operation text, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass := pgops.find_partition(relation, arguments ->> 'partition');
    source jsonb := pgops.operation_source(relation, partition, case operation when 'detach' then 'keep' else 'drop' end);
begin
    if operation = 'archive' then
        perform pgops.check_archive(relation, partition, arguments ->> 'into');
    elsif operation = 'drop' and arguments ->> 'rows' is distinct from 'discard'
        and pgops.has_rows(relation, partition, 'true')
    then
        perform pgops.refuse_operation(format('%s has rows, and dropping it would lose them', partition),
            'Operation "archive" keeps them elsewhere; "rows": "discard" drops them.');
    end if;
    perform pgops.refuse_referenced_rows(relation, partition, operation);
    return jsonb_build_object('method', operation, 'sources', jsonb_build_array(source), 'targets', '[]'::jsonb);
end
$$;

comment on function pgops.design_removal(regclass, text, jsonb) is
    'How a "partition" is detached, archived or dropped. Errors: 22023.';

revoke all on function pgops.design_removal(regclass, text, jsonb) from public;
grant execute on function pgops.design_removal(regclass, text, jsonb) to pgops_operator;
