create or replace function pgops.operation_design(relation regclass, operation text, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    design jsonb;
    sources regclass[];
    key_columns jsonb;
    obstacles text[];
begin
    perform pgops.check_can_act_on(relation);
    if operation = 'convert' then
        perform pgops.check_operation_arguments(operation, arguments);
        return pgops.design_convert(relation, arguments);
    end if;
    if not exists (select from pg_partitioned_table as p where p.partrelid = relation) then
        raise exception '% is not a partitioned table', relation using errcode = 'wrong_object_type';
    end if;
    perform pgops.check_operation_arguments(operation, arguments);
    design := case operation
        when 'add' then pgops.design_add(relation, arguments)
        when 'split' then pgops.design_split(relation, arguments)
        when 'merge' then pgops.design_merge(relation, arguments)
        when 'drain' then pgops.design_drain(relation, arguments)
        else pgops.design_removal(relation, operation, arguments)
    end;
    perform pgops.check_operation_targets(relation, design);
    sources := array(select (s.source ->> 'oid')::oid::regclass from jsonb_array_elements(design -> 'sources') as s (source));
    obstacles := array(select o.obstacle from pgops.operation_obstacles(relation, sources, operation) as o (obstacle));
    if design ->> 'method' = 'swap' then
        key_columns := pgops.replay_key(relation, sources);
        if key_columns is null then
            obstacles := obstacles || format('%s has neither a primary key nor a unique index (not WITHOUT OVERLAPS) whose columns are all NOT NULL, '
                'by which rows that change meanwhile could be found again: add one', relation);
        end if;
    end if;
    if obstacles <> '{}' then
        raise exception '% of % is not possible: %', operation, relation, array_to_string(obstacles, '; ')
            using errcode = 'object_not_in_prerequisite_state', hint = 'Nothing was changed.';
    end if;
    return design || jsonb_build_object('key_columns', coalesce(key_columns, '[]'));
end
$$;

comment on function pgops.operation_design(regclass, text, jsonb) is
    'How an operation is to be done: method, sources, targets and key_columns as columns of pgops.operation. Only reads. '
    'Errors: 22023 the arguments do not fit the table, 55000 something stands in the way (all of it is named), 42501 may '
    'not act for the owner, 42809 not a partitioned table.';

revoke all on function pgops.operation_design(regclass, text, jsonb) from public;
grant execute on function pgops.operation_design(regclass, text, jsonb) to pgops_operator;
