# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Is a table's partitioning already what an operation would make it?"""

from __future__ import annotations

import json

from ansible_collections.pgops.fleet.plugins.module_utils.connection import quoted_name


def already_so(session, table, operation, arguments):
    """Why there is nothing to do, None when there is. Only reads."""
    session.execute("select pgops.check_operation_arguments(%s, %s::jsonb)", (operation, json.dumps(arguments)))
    return _done_before(session, table, operation, arguments) or _found_so(session, table, operation, arguments)


def _done_before(session, table, operation, arguments):
    """The same operation, done once, whose outcome still stands."""
    done = session.row(
        """
        select o.operation_id, to_char(o.finished_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI:SS') as at
        from pgops.operation o
        where o.operation_id = pgops.operation_done_before(%s::regclass, %s, %s::jsonb)
        """,
        (quoted_name(table), operation, json.dumps(arguments)),
    )
    return f"operation {done['operation_id']} did it on {done['at']} UTC" if done else None


def _found_so(session, table, operation, arguments):
    """The outcome stands, whoever made it."""
    partition = arguments.get("partition")
    if operation in ("add", "split", "drain") and _pieces_of(operation, arguments):
        pieces = _pieces_of(operation, arguments)
        gone = operation != "split" or not _is_partition(session, table, partition)
        if gone and _all_exist(session, table, pieces):
            names = ", ".join(str(piece["name"]) for piece in pieces)
            return f"{table} has {names} with these bounds already"
    if operation == "drain" and "partitions" not in arguments and not _default_has_rows_of_policy(session, table):
        return f"no row of the default partition of {table} belongs to a partition that its policy makes"
    if operation in ("detach", "drop") and partition and not _is_partition(session, table, partition):
        exists = _relation_exists(session, table, partition)
        if operation == "detach" and exists:
            return f"{partition} is a table of its own already"
        if operation == "drop" and not exists:
            return f"there is no {partition}"
    return None


def _pieces_of(operation, arguments):
    """The partitions that are asked for with their bounds, none where they are given otherwise."""
    pieces = [arguments] if operation == "add" else arguments.get("into" if operation == "split" else "partitions")
    fits = isinstance(pieces, list) and all(isinstance(piece, dict) and piece.get("name") for piece in pieces)
    return pieces if fits else []


def _all_exist(session, table, pieces):
    return session.value(
        """
        select not exists (
            select from jsonb_array_elements(%(pieces)s::jsonb) p (piece)
            cross join lateral (select pgops.wanted_bound(%(table)s::regclass, p.piece) as bound) w
            where not exists (
                select from pgops.partition_bounds(%(table)s::regclass) b
                join pg_catalog.pg_class c on c.oid = b.partition
                join pg_catalog.pg_class r on r.oid = %(table)s::regclass and r.relnamespace = c.relnamespace
                where c.relname = p.piece ->> 'name' and (
                    b.bound = w.bound
                    -- The order of a list's values does not matter.
                    or b.bound ? 'values' and b.bound @> w.bound and w.bound @> b.bound
                )
            )
        )
        """,
        {"pieces": json.dumps(pieces), "table": quoted_name(table)},
    )


def _is_partition(session, table, name):
    return session.value(
        """
        select exists (
            select from pg_catalog.pg_inherits i
            join pg_catalog.pg_class c on c.oid = i.inhrelid
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where i.inhparent = %s::regclass
                and %s in (c.relname, format('%%I.%%I', n.nspname, c.relname), format('%%s.%%s', n.nspname, c.relname))
        )
        """,
        (quoted_name(table), name),
    )


def _relation_exists(session, table, name):
    """A relation of that name, with or without schema; the table's own when it says none."""
    return session.value(
        """
        select exists (
            select from pg_catalog.pg_class c
            join pg_catalog.pg_namespace n on n.oid = c.relnamespace
            where %(name)s in (format('%%I.%%I', n.nspname, c.relname), format('%%s.%%s', n.nspname, c.relname))
                or c.relname = %(name)s
                and c.relnamespace = (select r.relnamespace from pg_catalog.pg_class r where r.oid = %(table)s::regclass)
        )
        """,
        {"name": name, "table": quoted_name(table)},
    )


def _default_has_rows_of_policy(session, table):
    """True also without a policy or a default partition: the engine then says what is missing."""
    return session.value(
        """
        select pgops.default_partition(%(table)s::regclass) is null or coalesce(
            (
                -- A nested table has its policy from one above it.
                select exists (
                    select from pgops.partition_plan(y.parent) p
                    where p.operation = 'create_from_default' and p.parent_name::regclass = %(table)s::regclass
                )
                from pg_catalog.pg_partition_ancestors(%(table)s::regclass) with ordinality a (relid, number)
                join pgops.partition_policy y on y.parent = a.relid
                order by a.number
                limit 1
            ),
            true
        )
        """,
        {"table": quoted_name(table)},
    )
