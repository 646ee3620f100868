create or replace function pgops.find_partition(relation regclass, partition_name text) returns regclass
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    partition regclass;
begin
    select c.oid into partition
    from pg_inherits as i
    join pg_class as c on c.oid = i.inhrelid
    join pg_namespace as n on n.oid = c.relnamespace
    where i.inhparent = relation
        and partition_name in (c.relname, format('%I.%I', n.nspname, c.relname), format('%s.%s', n.nspname, c.relname))
    order by c.relname = partition_name desc, c.relnamespace = (select r.relnamespace from pg_class as r where r.oid = relation) desc
    limit 1;
    if not found then
        perform pgops.refuse_operation(
            case when partition_name is null then '"partition" is missing; accepted: the name of a partition of ' || relation
                else format('%s has no partition "%s"', relation, partition_name) end,
            'Its partitions: ' || coalesce((select string_agg(c.relname, ', ' order by c.relname)
                from pg_inherits as i join pg_class as c on c.oid = i.inhrelid where i.inhparent = relation), 'none'));
    end if;
    return partition;
end
$$;

comment on function pgops.find_partition(regclass, text) is
    'The direct partition of a name, with or without schema. Errors: 22023 there is none, with the names of those that '
    'are.';

revoke all on function pgops.find_partition(regclass, text) from public;
grant execute on function pgops.find_partition(regclass, text) to pgops_operator;
