create or replace function pgops.wanted_numbers(first_number numeric, last_number numeric, every numeric) returns numeric[]
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    maximum bigint := pgops.configuration_value('plan_partitions');
begin
    if (last_number - first_number) / every >= maximum then
        raise exception 'from % to % are more than % partitions of %', first_number, last_number, maximum, every
            using errcode = 'program_limit_exceeded',
                hint = 'Ask for less at a time, or raise plan_partitions in pgops.configuration.';
    end if;
    return array(select n.number from generate_series(first_number, last_number, every) as n (number));
end
$$;

comment on function pgops.wanted_numbers(numeric, numeric, numeric) is
    'Where the partitions of a policy by number begin, from one such number to another, both included. '
    'Errors: 54000 more than the setting plan_partitions.';

revoke all on function pgops.wanted_numbers(numeric, numeric, numeric) from public;
grant execute on function pgops.wanted_numbers(numeric, numeric, numeric) to pgops_operator;
