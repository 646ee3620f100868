create or replace function pgops.plan_pieces(
    parent regclass,
    policy jsonb,
    pieces pgops.partition_piece[],
    as_of timestamptz,
    not_before text default null
) returns setof pgops.partition_step
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    default_partition text := pgops.coming_default_partition(parent, policy);
    missing record;
    row_counts bigint[];
begin
    select array_agg(m.piece) as pieces, array_agg(m.problem) as problems, array_agg(m.beside) as besides into missing
    from pgops.missing_pieces(parent, pieces, not_before) as m;
    if missing.pieces is null then
        return;
    end if;
    if pgops.policy_kind(policy) in ('bounds', 'list') then
        row_counts := pgops.default_row_counts(parent, missing.pieces);
    end if;
    for number in 1 .. cardinality(missing.pieces) loop
        if row_counts is not null then
            missing.pieces[number].row_count := row_counts[number];
        end if;
        return next pgops.plan_piece(
            parent, policy, missing.pieces[number], missing.problems[number], missing.besides[number], default_partition,
            pgops.plan_subpartitions(parent, policy, as_of, (missing.pieces[number]).partition_name)
        );
    end loop;
end
$$;

comment on function pgops.plan_pieces(regclass, jsonb, pgops.partition_piece[], timestamptz, text) is
    'The steps that make the wanted partitions of a table that are not there, but those wholly before a key value '
    '(not_before, RANGE only). Reads the catalogue once, and the default partition where the rows were not counted before. '
    'Errors and locks: as pgops.missing_pieces() and pgops.default_row_counts(), 42622 names too long.';

revoke all on function pgops.plan_pieces(regclass, jsonb, pgops.partition_piece[], timestamptz, text) from public;
grant execute on function pgops.plan_pieces(regclass, jsonb, pgops.partition_piece[], timestamptz, text) to pgops_operator;
