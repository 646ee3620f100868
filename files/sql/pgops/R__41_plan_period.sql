create or replace function pgops.plan_period(
    parent regclass,
    partition_name text,
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
    step pgops.partition_step;
begin
    step.operation := 'create';
    step.partition_name := partition_name;
    step.lower_bound := pgops.bound_literal(lower(gaps), key.key_type);
    step.upper_bound := pgops.bound_literal(upper(gaps), key.key_type);
    step.lock_level := case
        when default_partition is null then 'SHARE UPDATE EXCLUSIVE on ' || parent
        else format('SHARE ROW EXCLUSIVE on %s, ACCESS EXCLUSIVE on %s', parent, default_partition)
    end;
    step.description := format('make %s for %I from %s up to %s',
        partition_name, key.column_name, step.lower_bound, step.upper_bound);
    if default_rows > 0 then
        step.operation := 'create_from_default';
        step.row_count := default_rows;
        step.description := step.description || format(' and move %s rows into it from %s', default_rows, default_partition);
    end if;
    if (select count(*) from unnest(gaps)) > 1 then
        step.description := format('cannot make %s: other partitions of %s cover parts of its period and leave gaps at %s;'
            ' make partitions for the gaps by hand', partition_name, parent, gaps);
    elsif pgops.find_relation(partition_name) is not null then
        step.description := format('cannot make %s for %I from %s up to %s: a relation of that name exists; attach it,'
            ' rename it or drop it', partition_name, key.column_name, step.lower_bound, step.upper_bound);
    else
        return step;
    end if;
    step.operation := 'blocked';
    step.lock_level := 'none';
    return step;
end
$$;

comment on function pgops.plan_period(regclass, text, tsmultirange, text, bigint) is
    'The step that covers what of a period no partition covers yet: create, create_from_default, or blocked with the '
    'reason. Reads the catalogue only.';

revoke all on function pgops.plan_period(regclass, text, tsmultirange, text, bigint) from public;
grant execute on function pgops.plan_period(regclass, text, tsmultirange, text, bigint) to pgops_operator;
