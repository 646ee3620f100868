create or replace function pgops.plan_period(
    parent regclass,
    partition_name text,
    period tsrange,
    gaps tsmultirange,
    default_partition text,
    default_rows bigint
) returns pgops.partition_step
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    key record := pgops.range_key(parent);
    in_the_way text := case when gaps <> tsmultirange(period) then pgops.partitions_within(parent, period) end;
    bounds tsrange := case when isempty(gaps) then period else range_merge(gaps) end;
    step pgops.partition_step;
    what text;
begin
    step.partition_name := partition_name;
    step.lower_bound := pgops.bound_literal(lower(bounds), key.key_type);
    step.upper_bound := pgops.bound_literal(upper(bounds), key.key_type);
    what := format('%s for %I from %s up to %s', partition_name, key.column_name, step.lower_bound, step.upper_bound);
    step.operation := 'blocked';
    step.row_count := nullif(default_rows, 0);
    step.lock_level := 'none';
    if isempty(gaps) then
        step.description := format('cannot make %s: its rows belong to %s; detach what is in the way to have it made',
            what, in_the_way);
    elsif (select count(*) from unnest(gaps)) > 1 then
        step.description := format('cannot make %s: parts of its period belong to %s and leave gaps at %s; make'
            ' partitions for the gaps by hand', partition_name, in_the_way, gaps);
    elsif pgops.find_relation(partition_name) is not null then
        step.description := format('cannot make %s: a relation of that name exists; attach it, rename it or drop it', what);
    else
        step.operation := case when default_rows > 0 then 'create_from_default' else 'create' end;
        step.lock_level := case
            when default_partition is null then 'SHARE UPDATE EXCLUSIVE on ' || parent
            else format('SHARE ROW EXCLUSIVE on %s, ACCESS EXCLUSIVE on %s', parent, default_partition)
        end;
        step.description := concat(
            'make ' || what,
            ' and move ' || step.row_count || ' rows into it from ' || default_partition,
            ', the rest of a period beside ' || in_the_way
        );
    end if;
    return step;
end
$$;

comment on function pgops.plan_period(regclass, text, tsrange, tsmultirange, text, bigint) is
    'The step that covers the gaps which other partitions leave in a period: create, create_from_default, or blocked '
    'with the reason. Without gaps blocked, by those that cover it. Reads the catalogue only.';

revoke all on function pgops.plan_period(regclass, text, tsrange, tsmultirange, text, bigint) from public;
grant execute on function pgops.plan_period(regclass, text, tsrange, tsmultirange, text, bigint) to pgops_operator;
