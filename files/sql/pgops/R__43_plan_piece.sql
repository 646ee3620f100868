create or replace function pgops.plan_piece(
    parent regclass,
    policy jsonb,
    piece pgops.partition_piece,
    problem text,
    beside text,
    default_partition text,
    subpartitions jsonb
) returns pgops.partition_step
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    step pgops.partition_step;
    what text;
    own_partitions text[] := array(
        select n.value #>> '{}'
        from jsonb_path_query(subpartitions, 'strict $.** ? (@.type() == "object").partition_name') as n (value)
    );
    taken_name text;
begin
    select format('%s.%I', c.relnamespace::regnamespace, piece.partition_name),
        format('%s.%I', c.relnamespace::regnamespace, c.relname)
    into step.partition_name, step.parent_name
    from pg_class as c where c.oid = parent;
    step.bound := pgops.write_bound(piece);
    if step.bound like 'FOR VALUES FROM%' then
        step.lower_bound := coalesce(piece.lower_bound, 'MINVALUE');
        step.upper_bound := coalesce(piece.upper_bound, 'MAXVALUE');
    end if;
    step.row_count := nullif(piece.row_count, 0);
    step.subpartitions := subpartitions;
    what := format('%s for %I %s', step.partition_name, pgops.policy_column(policy), pgops.piece_words(piece));
    select n.name into taken_name from unnest(step.partition_name || own_partitions) with ordinality as n (name, position)
    where pgops.find_relation(n.name) is not null order by n.position limit 1;
    if problem is null and taken_name is not null then
        problem := format('a relation of %s name exists; attach it, rename it or drop it',
            case taken_name when step.partition_name then 'that' else 'its partition''s (' || taken_name || ')' end);
    end if;
    if problem is not null then
        step.operation := 'blocked';
        step.lock_level := 'none';
        step.description := format('cannot make %s: %s', what, problem);
        return step;
    end if;
    step.operation := case when step.row_count > 0 then 'create_from_default' else 'create' end;
    step.lock_level := pgops.step_locks_in_words(parent, step.operation, null, default_partition);
    step.description := concat(
        'make ' || what,
        ' with its partitions ' || nullif(array_to_string(own_partitions, ', '), ''),
        ' and move ' || step.row_count || ' rows into it from ' || default_partition,
        case pgops.policy_kind(policy) when 'period' then ', the rest of a period beside ' else ', the rest beside ' end || beside
    );
    return step;
end
$$;

comment on function pgops.plan_piece(regclass, jsonb, pgops.partition_piece, text, text, text, jsonb) is
    'The step that makes a missing partition: create, create_from_default, or blocked with the reason, also when a name '
    'is taken. Arguments: as the results of pgops.missing_pieces() and pgops.plan_subpartitions(). '
    'Reads the catalogue only.';

revoke all on function pgops.plan_piece(regclass, jsonb, pgops.partition_piece, text, text, text, jsonb) from public;
grant execute on function pgops.plan_piece(regclass, jsonb, pgops.partition_piece, text, text, text, jsonb) to pgops_operator;
