# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Declared partition policies against those of the engine, which makes and carries out the plan."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    quoted_name,
    server_message,
)
from ansible_collections.pgops.fleet.plugins.module_utils.partition_kinds import NEEDS, kind_of, strategies_of

POLICY_KEYS = (
    "by",
    "name",
    "partitions",
    "ahead",
    "behind",
    "default",
    "retention",
    "hooks",
    "time_zone",
    "storage_parameters",
    "tablespace",
    "indexes",
    "subpartitions",
)
BLOCKED = "blocked"


@dataclass
class Plan:
    """One table: the policy that is stored, the one that is declared, and the engine's steps for it."""

    table: str
    before: dict | None
    after: dict | None
    steps: list = field(default_factory=list)

    @property
    def change(self):
        if self.before == self.after:
            return "none"
        return "declared" if self.before is None else "removed" if self.after is None else "altered"

    @property
    def effective_steps(self):
        return [step for step in self.steps if step["operation"] != BLOCKED]

    @property
    def changed(self):
        return self.change != "none" or bool(self.effective_steps)

    def difference(self):
        header = f"partitions of {self.table}"
        steps = [
            f"{step['operation']} {step['partition_name']}: {step['description']}" for step in self.effective_steps
        ]
        return {
            "before_header": header,
            "after_header": header,
            "before": {"policy": self.before, "steps": []},
            "after": {"policy": self.after, "steps": steps},
        }


def without_none(value):
    """A declared policy without the keys that were not given, which get the engine's defaults. A null in a list stays."""
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    if isinstance(value, list):
        return [without_none(inner) for inner in value]
    return value


def declared_policy(declared):
    return with_typed_default(without_none({key: declared[key] for key in POLICY_KEYS}))


def with_typed_default(policy):
    """The same with "default" as a boolean: a value from a template arrives as text, and no partition is called so."""
    default = policy.get("default")
    if isinstance(default, str) and default.lower() in ("true", "false", "yes", "no"):
        policy["default"] = default.lower() in ("true", "yes")
    if isinstance(policy.get("subpartitions"), dict):
        policy["subpartitions"] = with_typed_default(policy["subpartitions"])
    return policy


def refuse_bad_policies(policies):
    tables = [declared["table"] for declared in policies]
    for declared in policies:
        table = declared["table"]
        if table.count(".") != 1 or not all(table.split(".")):
            raise Refused(f"table {table!r}: accepted is a name with its schema, for example app.t1.")
        if tables.count(table) > 1:
            raise Refused(f"table {table} has more than one policy. Give each table one entry.")
        if declared["state"] == "absent":
            continue
        missing = ["by"] if not declared["by"] else missing_keys(without_none(declared))
        if missing:
            raise Refused(
                f"table {table}: the policy has no {' and no '.join(missing)}. Set them, or state: absent to remove it."
            )


def missing_keys(declared):
    """What a policy cannot do without, where it is clear how it cuts the table; the engine judges the rest."""
    if len(strategies_of(declared["by"])) != 1:
        return []
    kind = kind_of(declared)
    return ["by.every"] if kind is None else [key for key in NEEDS[kind] if not declared.get(key)]


def engine_exists(session, check_mode):
    if session.value("select to_regprocedure('pgops.set_partition_policy(regclass, jsonb)') is not null"):
        return True
    if check_mode:
        return False
    raise Refused(
        f"database {session.value('select current_database()')} has no partition engine (pgops.set_partition_policy). "
        "Apply the SQL set pgops to it first, with postgresql_scripts."
    )


def plan_table(session, declared, check_mode):
    """The stored and the declared policy of a table with the engine's steps. Only reads."""
    table, wanted = declared["table"], declared_policy(declared)
    name = quoted_name(table)
    if session is None or session.value("select to_regclass(%s) is null", (name,)):
        if not check_mode and declared["state"] == "present":
            raise Refused(f"table {table} does not exist. Create it before its policy is declared.")
        return Plan(table, None, wanted if declared["state"] == "present" else None)
    before = session.value("select policy from pgops.partition_policy where parent = %s::regclass", (name,))
    if declared["state"] == "absent":
        return Plan(table, before, None)
    try:
        with session.transaction(keep=False):
            after = session.value("select pgops.complete_policy(%s::jsonb)", (json.dumps(wanted),))
            return Plan(table, before, after, read_steps(session, name, wanted))
    except psycopg.Error as error:
        raise Refused(f"table {table}: the policy is refused: {server_message(error)}") from error


def read_steps(session, name, policy):
    return session.rows(
        """
        select operation, partition_name, parent_name, bound, lower_bound, upper_bound, row_count, subpartitions,
            description
        from pgops.partition_plan(%s::regclass, %s::jsonb) order by step
        """,
        (name, json.dumps(policy)),
    )


def apply_plan(session, plan, apply):
    name = quoted_name(plan.table)
    if plan.change == "removed":
        session.change("select pgops.remove_partition_policy(%s::regclass)", (name,))
    elif plan.change != "none":
        session.change(
            "select pgops.set_partition_policy(%s::regclass, %s::jsonb)", (name, json.dumps(plan.after, sort_keys=True))
        )
    if not (apply and plan.effective_steps):
        return
    try:
        session.change("call pgops.partition_apply(%s::regclass)", (name,))
    except psycopg.Error as error:
        raise Refused(
            f"table {plan.table}: the plan was not carried out to its end: {server_message(error)}\n"
            "The steps before it were kept, and the next run goes on. See pgops.event for what the engine did."
        ) from error
    if not session.check_mode:
        refuse_what_was_left(session, plan)


def refuse_what_was_left(session, plan):
    """An apply that found another one at work returns at once: say so rather than report its steps as done."""
    left = [
        f"{step['operation']} {step['partition_name']}"
        for step in read_steps(session, quoted_name(plan.table), plan.after)
        if step["operation"] != BLOCKED
    ]
    if left:
        raise Refused(
            f"table {plan.table}: the engine left undone: {', '.join(left)}. Another apply may be at work, or a lock "
            "was not free for long: run again, and see pgops.event for what the engine did."
        )


def undeclared_tables(session, policies):
    rows = session.rows(
        """
        select format('%%s.%%s', n.nspname, c.relname) as name
        from pgops.partition_policy p
        join pg_catalog.pg_class c on c.oid = p.parent join pg_catalog.pg_namespace n on n.oid = c.relnamespace
        where format('%%s.%%s', n.nspname, c.relname) <> all (%s) order by 1
        """,
        ([declared["table"] for declared in policies],),
    )
    return [row["name"] for row in rows]
