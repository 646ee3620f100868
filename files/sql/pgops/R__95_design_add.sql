create or replace function pgops.design_add(relation regclass, arguments jsonb) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    design jsonb := jsonb_build_object(
        'method', 'attach',
        'sources', '[]'::jsonb,
        'targets', pgops.operation_pieces(relation, 'arguments', jsonb_build_array(arguments))
    );
begin
    design := design || jsonb_build_object('targets', pgops.with_subpartitions(relation, design -> 'targets'));
    if pgops.default_partition(relation) is not null
        and (pgops.default_is_large(relation) or pgops.default_has_rows_of(relation, design #> '{targets,0,bound}'))
    then
        perform pgops.refuse_subpartitions(relation, design -> 'targets');
        return pgops.with_default_exchanged(relation, design);
    end if;
    return design;
end
$$;

comment on function pgops.design_add(regclass, jsonb) is
    'How a partition is added: attached empty, with the subpartitions that the policy gives to new ones, or, where the default '
    'partition has rows of it or is too large to be looked through under a lock, exchanged together with the default partition. '
    'Errors: 22023, also where rows would have to move into subpartitions.';

revoke all on function pgops.design_add(regclass, jsonb) from public;
grant execute on function pgops.design_add(regclass, jsonb) to pgops_operator;
