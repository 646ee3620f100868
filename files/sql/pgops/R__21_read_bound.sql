create or replace function pgops.read_bound(bound text) returns pgops.partition_piece
language plpgsql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    piece pgops.partition_piece;
    -- What stands between quotes is no part of the form, whatever it looks like.
    parts text[] := regexp_match(bound,
        $re$^FOR VALUES (FROM|IN|WITH) \(((?:[^'()]|'[^']*')*)\)(?: TO \(((?:[^'()]|'[^']*')*)\))?\Z$re$);
    lower_items text[];
    upper_items text[];
begin
    case parts[1]
        when 'FROM' then
            lower_items := pgops.bound_items(parts[2]);
            upper_items := pgops.bound_items(parts[3]);
            if cardinality(lower_items) <> 1 then
                raise exception 'partition bound "%" has several columns; accepted: one', bound
                    using errcode = 'feature_not_supported';
            end if;
            piece.lower_bound := lower_items[1];
            piece.upper_bound := upper_items[1];
        when 'IN' then
            piece.list_values := pgops.bound_items(parts[2]);
        when 'WITH' then
            piece.modulus := substring(parts[2] from '(?i)modulus (\d+)');
            piece.remainder := substring(parts[2] from '(?i)remainder (\d+)');
        else
            if bound <> 'DEFAULT' then
                raise exception 'partition bound "%" is not of a known form', bound
                    using errcode = 'feature_not_supported';
            end if;
    end case;
    return piece;
end
$$;

comment on function pgops.read_bound(text) is
    'What the bound of a partition, as pg_get_expr() or pgops.write_bound() gives it, says; all nulls for DEFAULT. '
    'Errors: 0A000 a RANGE of several columns, or no such form.';

revoke all on function pgops.read_bound(text) from public;
grant execute on function pgops.read_bound(text) to pgops_monitor;
