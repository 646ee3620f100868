create or replace function pgops.plan_number_steps(
    parent regclass,
    from_number numeric,
    upto numeric
) returns pgops.partition_step[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    policy jsonb := pgops.partition_policy_of(parent);
    key_type regtype := (pgops.partition_key(parent)).key_type;
    every numeric := policy #>> '{by,every}';
    wanted numeric[];
    row_counts bigint[];
begin
    if pgops.policy_kind(policy) <> 'number' then
        raise exception 'the partition policy of % is not by number', parent using errcode = 'invalid_parameter_value',
            hint = 'By time: CALL pgops.partition_ensure(table, from_time, upto).';
    end if;
    if coalesce(from_number >= upto, true) or from_number in ('NaN', '-Infinity') or upto in ('NaN', 'Infinity') then
        raise exception 'from % up to % is no range; accepted: two numbers, the first below the second',
            coalesce(from_number::text, 'null'), coalesce(upto::text, 'null')
            using errcode = 'invalid_parameter_value';
    end if;
    perform pgops.check_can_act_on(parent);
    perform pgops.check_policy(parent, policy);
    wanted := pgops.wanted_numbers(pgops.multiple_below(from_number, every), -pgops.multiple_below(-upto, every) - every, every);
    row_counts := array(
        select d.row_count
        from unnest(wanted) as w (first_number)
        left join pgops.default_partition_numbers(parent, policy) as d on d.first_number = w.first_number
        order by w.first_number
    );
    return array(
        select p
        from pgops.plan_pieces(parent, policy, array(
            select w
            from pgops.pieces_of_numbers(
                policy, key_type, (select c.relname from pg_class as c where c.oid = parent), wanted, row_counts
            ) as w
        ), now()) as p
    );
end
$$;

comment on function pgops.plan_number_steps(regclass, numeric, numeric) is
    'The steps that cover the keys from from_number (included) up to upto (excluded) with partitions of the stored policy '
    'by number, whatever it says of ahead, behind and retention. Errors: 22023 no range, or a policy that is not by number; '
    '54000 too many partitions, and those of pgops.partition_plan().';

revoke all on function pgops.plan_number_steps(regclass, numeric, numeric) from public;
grant execute on function pgops.plan_number_steps(regclass, numeric, numeric) to pgops_operator;
