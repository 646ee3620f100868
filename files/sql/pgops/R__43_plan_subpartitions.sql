create or replace function pgops.plan_subpartitions(
    parent regclass,
    policy jsonb,
    as_of timestamptz,
    parent_name text
) returns jsonb
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    nested jsonb := pgops.nested_policy(policy);
    schema_name text := (select c.relnamespace::regnamespace::text from pg_class as c where c.oid = parent);
    result jsonb := '[]';
    piece pgops.partition_piece;
begin
    if nested is null then
        return null;
    end if;
    if coalesce(nested -> 'default', 'false') <> 'false' then
        result := result || jsonb_build_object(
            'partition_name', format('%s.%I', schema_name, pgops.default_partition_name(parent_name, nested)),
            'bound', 'DEFAULT'
        );
    end if;
    for piece in select p.* from pgops.wanted_pieces(parent, nested, as_of, parent_name, false) as p loop
        result := result || jsonb_strip_nulls(jsonb_build_object(
            'partition_name', format('%s.%I', schema_name, piece.partition_name),
            'bound', pgops.write_bound(piece),
            'subpartitions', pgops.plan_subpartitions(parent, nested, as_of, piece.partition_name)
        ));
    end loop;
    return result;
end
$$;

comment on function pgops.plan_subpartitions(regclass, jsonb, timestamptz, text) is
    'The partitions that a new partition of parent is to have from the start, each with its partition_name (quoted and '
    'with schema), bound and subpartitions; null where the policy does not nest. parent_name: of the new partition. '
    'Errors: 42622 names too long, 54000 too many periods.';

revoke all on function pgops.plan_subpartitions(regclass, jsonb, timestamptz, text) from public;
grant execute on function pgops.plan_subpartitions(regclass, jsonb, timestamptz, text) to pgops_operator;
