create or replace function pgops.with_subpartitions(relation regclass, targets jsonb) returns jsonb
language sql
set search_path = pg_catalog, pg_temp
begin atomic
    select jsonb_agg(
        t.target || jsonb_strip_nulls(jsonb_build_object('subpartitions', pgops.plan_subpartitions(
            relation, pgops.operation_policy(relation), now(), (parse_ident(t.target ->> 'name'))[2]
        )))
        order by t.number
    )
    from jsonb_array_elements(targets) with ordinality as t (target, number);
end;

comment on function pgops.with_subpartitions(regclass, jsonb) is
    'Elements of pgops.operation.targets with the subpartitions that the policy of their level gives to new partitions, as '
    'pgops.plan_subpartitions() says them. Errors: as there.';

revoke all on function pgops.with_subpartitions(regclass, jsonb) from public;
grant execute on function pgops.with_subpartitions(regclass, jsonb) to pgops_operator;
