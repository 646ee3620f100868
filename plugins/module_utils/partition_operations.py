# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What the engine knows of operations on the partitions of a table: its plans, its records, and the table's partitions."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, quoted_name
from ansible_collections.pgops.fleet.plugins.module_utils.partition_operation_words import in_words

PARTITIONED_BY = "partitioned by"


@dataclass
class Intent:
    """What is to be done, found by reading only."""

    changed: bool
    reason: str
    before: dict
    after: dict
    plan: list
    statement: str = ""
    parameters: tuple = ()


# A session that runs an operation works or sleeps between two steps; a process of the same number that came later does not count.
RECORD = """
    select
        o.operation_id, o.relation_name, o.operation, o.arguments, o.options, o.state, o.phase, o.progress,
        o.row_count::bigint as row_count, o.copied_rows, o.replayed_keys, o.tries, o.switch_requested,
        o.longest_wait_ms::float8 as longest_wait_ms, o.lock_held_ms::float8 as lock_held_ms,
        o.wal_bytes::bigint as wal_bytes, o.error, o.who::text as who,
        pg_catalog.to_char(o.started_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as started_at,
        pg_catalog.to_char(o.finished_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as finished_at,
        pg_catalog.round(1000 * extract(epoch from coalesce(o.finished_at, pg_catalog.clock_timestamp()) - o.started_at))::bigint
            as duration_ms,
        o.finished_at is null and exists (
            select from pg_catalog.pg_stat_activity a
            where a.pid = o.runner_pid and a.backend_start <= o.heartbeat_at and coalesce(a.state, 'active') <> 'idle'
        ) as is_run
    from pgops.operation o
"""
# A conversion has two tables: the one that it is called for, and the one that takes its place.
ABOUT = """
    (o.relation = to_regclass(%(table)s)
        or o.operation = 'convert' and (o.targets #>> '{0,oid}')::oid = to_regclass(%(table)s))
"""


def engine_has_operations(session):
    return session.value("select to_regprocedure('pgops.operation_apply(regclass, text, jsonb, jsonb)') is not null")


def record(session, operation_id):
    """The engine's record of an operation, None when there is none of that number."""
    return session.row(f"{RECORD} where o.operation_id = %s", (operation_id,))


def latest_record(session, table):
    """The record of the last operation that was begun on a table."""
    return session.row(f"{RECORD} where {ABOUT} order by o.operation_id desc limit 1", {"table": quoted_name(table)})


def unfinished_record(session, table):
    """The record of the operation that is under way on a table; there is at most one."""
    return session.row(
        f"{RECORD} where {ABOUT} and o.finished_at is null and o.state <> 'kept' order by o.operation_id desc limit 1",
        {"table": quoted_name(table)},
    )


def latest_conversion(session, table):
    """The record of the last conversion of a table, finished or not."""
    return session.row(
        f"{RECORD} where {ABOUT} and o.operation = 'convert' and o.state <> 'cancelled' order by o.operation_id desc limit 1",
        {"table": quoted_name(table)},
    )


def partitioned_by(session, table):
    """Strategy and columns, None for a plain table."""
    return session.value("select pg_catalog.pg_get_partkeydef(to_regclass(%s))", (quoted_name(table),))


def is_partitioned(session, table):
    return session.value(
        "select exists (select from pg_catalog.pg_partitioned_table where partrelid = to_regclass(%s))",
        (quoted_name(table),),
    )


def partitions(session, table):
    """The direct partitions of a table with their bounds, by name; none for a plain table."""
    rows = session.rows(
        "select partition_name, pgops.bound_clause(bound) as bound from pgops.partition_bounds(%s::regclass)"
        " order by partition_name",
        (quoted_name(table),),
    )
    return {row["partition_name"]: row["bound"] for row in rows}


def plan(session, table, operation, arguments):
    """The engine's own plan; refuses what cannot be done. Only reads."""
    return session.rows(
        "select step, action, object_name, lock_level, row_count, description"
        " from pgops.operation_plan(%s::regclass, %s, %s::jsonb) order by step",
        (quoted_name(table), operation, json.dumps(arguments)),
    )


def designed(session, table, operation, arguments):
    """Which partitions an operation takes away, and which it makes."""
    return _exchange(
        session,
        "pgops.operation_design(%s::regclass, %s, %s::jsonb)",
        (quoted_name(table), operation, json.dumps(arguments)),
    )


def recorded(session, operation_id):
    """The same for an operation that was begun."""
    return _exchange(session, "(select to_jsonb(o) from pgops.operation o where o.operation_id = %s)", (operation_id,))


def _exchange(session, design, parameters):
    rows = session.rows(
        f"""
        with d as materialized (select {design} as design)
        select false as made, e.item ->> 'name' as name, null as bound
        from d cross join jsonb_array_elements(d.design -> 'sources') as e (item)
        union all
        select true, e.item ->> 'name', pgops.bound_clause(e.item -> 'bound')
        from d cross join jsonb_array_elements(d.design -> 'targets') as e (item)
        """,
        parameters,
    )
    return (
        {row["name"] for row in rows if not row["made"]},
        {row["name"]: row["bound"] for row in rows if row["made"]},
    )


def exchanged(before, gone, made):
    """The partitions of a table after an exchange."""
    after = {name: bound for name, bound in before.items() if name not in gone} | made
    return dict(sorted(after.items()))


def look_again(session, table, intent):
    """What has become of that which an intent was about."""
    if PARTITIONED_BY in intent.before:
        return {PARTITIONED_BY: partitioned_by(session, table)}
    return partitions(session, table)


def statement_of(run):
    if run:
        return "call pgops.operation_apply(%s::regclass, %s, %s::jsonb, %s::jsonb)"
    return "select pgops.start_operation(%s::regclass, %s, %s::jsonb, %s::jsonb)"


def refuse_another(unfinished, table, operation, arguments):
    """A table has one operation at a time."""
    if unfinished["operation"] == operation and unfinished["arguments"] == arguments:
        return
    raise Refused(
        f"{operation} of {table} with {json.dumps(arguments, ensure_ascii=False)}: another operation of this table is not "
        f"finished: {unfinished['operation_id']}, {in_words(unfinished)}; its arguments are "
        f"{json.dumps(unfinished['arguments'], ensure_ascii=False)}. Operation resume goes on with it, cancel takes it back."
    )
