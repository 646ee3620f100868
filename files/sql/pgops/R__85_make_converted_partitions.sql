create or replace function pgops.make_converted_partitions(relation regclass, new_table regclass, policy jsonb) returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    key text;
    steps pgops.partition_step[];
    step pgops.partition_step;
begin
    -- Stored within this transaction only: nobody is to maintain the table while it is filled.
    perform pgops.set_partition_policy(new_table, policy);
    steps := pgops.plan_steps(new_table, now());
    foreach key in array pgops.converted_keys(relation, policy) loop
        if policy #>> '{by,every}' ~ '[a-z]' then
            steps := steps || pgops.plan_range_steps(
                new_table,
                (key::date + time '12:00') at time zone (policy ->> 'time_zone'),
                (key::date + time '12:01') at time zone (policy ->> 'time_zone')
            );
        else
            execute 'select $1 || pgops.plan_number_steps($2, $3, $3 + 1)' into steps using steps, new_table, key::numeric;
        end if;
    end loop;
    foreach step in array steps loop
        if step.operation = 'blocked' then
            raise exception 'convert of % is not possible: %', relation, step.description
                using errcode = 'object_not_in_prerequisite_state';
        end if;
        if pgops.find_relation(step.partition_name) is null then
            perform pgops.perform_partition_step(new_table, policy, step, pgops.prepare_partition_step(new_table, policy, step));
            perform pgops.log_partition_event('info', new_table, format('%s %s', step.operation, step.partition_name),
                pgops.step_details(step));
        end if;
    end loop;
    delete from pgops.partition_policy as p where p.parent = new_table;
end
$$;

comment on function pgops.make_converted_partitions(regclass, regclass, jsonb) is
    'Makes the partitions of the new table of a conversion: those of its policy, and those of the rows that the old one has. '
    'Errors: 55000 one cannot be made, with the reason; those of pgops.converted_keys() and pgops.partition_plan().';

revoke all on function pgops.make_converted_partitions(regclass, regclass, jsonb) from public;
grant execute on function pgops.make_converted_partitions(regclass, regclass, jsonb) to pgops_operator;
