create or replace function pgops.name_new_tables(relation regclass, operation_id bigint, design jsonb) returns jsonb
language sql
stable
set search_path = pg_catalog, pg_temp
begin atomic
    select coalesce(jsonb_agg(
        t.target || jsonb_build_object('made_as', case
            when pgops.find_relation(t.target ->> 'name') is null then t.target ->> 'name'
            else pgops.operation_object(relation, operation_id, 'new_' || t.number)
        end) || case when t.target ? 'partitioned'
            then jsonb_build_object('route', pgops.operation_object(relation, operation_id, 'route_' || t.number)) else '{}' end
        -- The default partition first: the server believes the CHECK of one that it leaves room for those after it, but not
        -- that of one that comes last, whose bound is then a single expression over all others.
        order by t.target -> 'bound' ? 'default' and not t.target ? 'inside' desc, t.number
    ), '[]')
    from jsonb_array_elements(design -> 'targets') with ordinality as t (target, number);
end;

comment on function pgops.name_new_tables(regclass, bigint, jsonb) is
    'The targets of a design in the order in which they are attached, each with the name under which it is made: its own '
    'where that is free, else one to be changed in the switch; and with the name (route) of what sends rows to its partitions.';

revoke all on function pgops.name_new_tables(regclass, bigint, jsonb) from public;
grant execute on function pgops.name_new_tables(regclass, bigint, jsonb) to pgops_operator;
