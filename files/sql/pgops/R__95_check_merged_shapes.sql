create or replace function pgops.check_merged_shapes(partitions regclass[]) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    other regclass;
    difference text;
begin
    foreach other in array partitions[2 :] loop
        select coalesce('partition ' || nullif(array_to_string(coalesce(a.path, b.path), ', '), '') || ', which is ', '') || case
            when a.path is null then format('one of %s only', other)
            when b.path is null then format('one of %s only', partitions[1])
            else format('partitioned by %s in %s and by %s in %s', coalesce(a.partition_key, 'nothing'), partitions[1],
                coalesce(b.partition_key, 'nothing'), other) end
        into difference
        from pgops.nested_shape(partitions[1]) as a
        full join pgops.nested_shape(other) as b on b.path = a.path
        where a.path is null or b.path is null or a.partition_key is distinct from b.partition_key
        order by cardinality(coalesce(a.path, b.path)), coalesce(a.path, b.path)
        limit 1;
        if found then
            perform pgops.refuse_operation(format('%s and %s are partitioned differently themselves and cannot become one: %s',
                partitions[1], other, difference));
        end if;
    end loop;
end
$$;

comment on function pgops.check_merged_shapes(regclass[]) is
    'Raises 22023 unless partitions that are to become one have the same partitions of their own, or none.';

revoke all on function pgops.check_merged_shapes(regclass[]) from public;
grant execute on function pgops.check_merged_shapes(regclass[]) to pgops_operator;
