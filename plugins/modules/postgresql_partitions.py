#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_partitions
short_description: Declare how partitioned tables are kept, and bring their partitions to it
version_added: 0.1.0
description:
  - Stores the policy of each partitioned table with C(pgops.set_partition_policy()) and has the engine apply its own
    plan with C(CALL pgops.partition_apply()), a transaction a step, with short waits for locks.
  - The engine is the SQL set C(pgops) of this collection. It keeps the tables by the same policies from then on,
    when C(CALL pgops.maintain()) runs as a job of pg_cron.
  - In check mode the plan is the engine's for the declared policy.
options:
  policies:
    description:
      - The policies, one a table.
    type: list
    elements: dict
    required: true
    suboptions:
      table:
        description:
          - The partitioned table with its schema, V(app.t1). Upper and lower case count.
        type: str
        required: true
      by:
        description:
          - How the table is cut. Required unless O(policies[].state=absent).
        type: dict
        suboptions:
          range:
            description:
              - Column of the partition key, of type C(date), C(timestamp) or C(timestamptz).
            type: str
            required: true
          every:
            description:
              - V(day), V(week) (from Monday), V(month), V(quarter) or V(year).
            type: str
            required: true
      name:
        description:
          - Pattern of the partitions' names with the fields C({year}), C({quarter}), C({month}), C({week}), C({day}).
            V(t1_{year}_{month}) gives C(t1_2026_11). Required unless O(policies[].state=absent).
        type: str
      ahead:
        description:
          - Number of coming periods that have a partition. The engine's default is 3.
        type: int
      behind:
        description:
          - Number of past periods that have a partition. The engine's default is 0.
        type: int
      default:
        description:
          - Whether there is a default partition, or its name. The engine's default is V(true).
        type: raw
      retention:
        description:
          - What becomes of old partitions. Without it they stay.
        type: dict
        suboptions:
          keep:
            description:
              - Age from which on a partition goes, such as V(24 months).
            type: str
            required: true
          then:
            description:
              - V(detach) keeps it as a table, V(drop) removes it with its rows.
            type: str
            required: true
      hooks:
        description:
          - Functions that the engine calls in the transaction of a step.
        type: dict
        suboptions:
          attached:
            description:
              - Function C((partition regclass)), called after a partition was made.
            type: str
          detaching:
            description:
              - Function C((partition regclass)), called before a partition goes.
            type: str
          moved:
            description:
              - Function C((source regclass, target regclass)), called after rows left the default partition.
            type: str
      time_zone:
        description:
          - Time zone whose midnights are the bounds. The engine's default is V(UTC).
        type: str
      storage_parameters:
        description:
          - Storage parameters of new partitions, such as C(fillfactor).
        type: dict
      state:
        description:
          - V(absent) makes the engine forget the table. Its partitions stay as they are.
        type: str
        choices: [present, absent]
        default: present
  apply:
    description:
      - Whether to have the plan carried out, or only to store the policies.
    type: bool
    default: true
notes:
  - PostgreSQL 16 or later.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - module: pgops.fleet.postgresql_scripts
  - module: pgops.fleet.postgresql_cron_job
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: A partition a month, three months ahead, detached after two years
  pgops.fleet.postgresql_partitions:
    login_db: transactions
    policies:
      - table: app.t1
        by: {range: date, every: month}
        name: "t1_{year}_{month}"
        ahead: 3
        retention: {keep: 24 months, then: detach}

- name: Stop keeping a table
  pgops.fleet.postgresql_partitions:
    login_db: transactions
    policies:
      - {table: app.t1, state: absent}
"""

RETURN = r"""
policies:
  description: The declared policies.
  returned: success
  type: list
  elements: dict
  contains:
    table:
      description: The partitioned table.
      type: str
      returned: always
      sample: app.t1
    change:
      description: What happened to the policy. V(declared), V(altered), V(removed) or V(none).
      type: str
      returned: always
      sample: none
    steps:
      description:
        - What the engine did, as in C(pgops.partition_plan()).
        - A step V(blocked) is what the policy wants and the engine cannot do, with the reason. It does not count as
          a change.
      type: list
      elements: dict
      returned: always
      sample:
        - operation: create
          partition_name: app.t1_2026_12
          lower_bound: "2026-12-01T00:00:00+00:00"
          upper_bound: "2027-01-01T00:00:00+00:00"
          row_count: 0
          description: create partition app.t1_2026_12
undeclared:
  description: Tables with a policy that are not in O(policies). They are left as they are.
  returned: success
  type: list
  elements: str
  sample: []
queries:
  description: Statements that were executed. In check mode those that would be.
  returned: always
  type: list
  elements: str
  sample: ["call pgops.partition_apply('app.t1'::regclass)"]
"""

import json
from dataclasses import dataclass, field

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    quoted_name,
    run_module,
    server_message,
)

POLICY_KEYS = ("by", "name", "ahead", "behind", "default", "retention", "hooks", "time_zone", "storage_parameters")
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
    """A declared policy without the keys that were not given, which get the engine's defaults."""
    if isinstance(value, dict):
        return {key: without_none(inner) for key, inner in value.items() if inner is not None}
    return value


def declared_policy(declared):
    policy = without_none({key: declared[key] for key in POLICY_KEYS})
    default = policy.get("default")
    if isinstance(default, str) and default.lower() in ("true", "false", "yes", "no"):
        # A value from a template arrives as text; no partition is called so.
        policy["default"] = default.lower() in ("true", "yes")
    return policy


def refuse_bad_policies(policies):
    tables = [declared["table"] for declared in policies]
    for declared in policies:
        table = declared["table"]
        if table.count(".") != 1 or not all(table.split(".")):
            raise Refused(f"table {table!r}: accepted is a name with its schema, for example app.t1.")
        if tables.count(table) > 1:
            raise Refused(f"table {table} has more than one policy. Give each table one entry.")
        missing = [key for key in ("by", "name") if not declared[key]]
        if declared["state"] == "present" and missing:
            raise Refused(
                f"table {table}: the policy has no {' and no '.join(missing)}. Set them, or state: absent to remove it."
            )


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
        select operation, partition_name, lower_bound, upper_bound, row_count, description
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


def work(module, session):
    policies, apply = module.params["policies"], module.params["apply"]
    refuse_bad_policies(policies)
    engine = session if session and engine_exists(session, module.check_mode) else None
    plans = [plan_table(engine, declared, module.check_mode) for declared in policies]
    if not apply:
        for plan in plans:
            plan.steps = []
    if engine:
        for plan in plans:
            apply_plan(engine, plan, apply)
    for plan in plans:
        for step in plan.steps:
            if step["operation"] == BLOCKED:
                module.warn(f"table {plan.table}: {step['partition_name']}: {step['description']}")
    return {
        "changed": any(plan.changed for plan in plans),
        "diff": [plan.difference() for plan in plans if plan.changed],
        "policies": [{"table": plan.table, "change": plan.change, "steps": plan.steps} for plan in plans],
        "undeclared": undeclared_tables(engine, policies) if engine else [],
    }


def main():
    text = {"type": "str"}
    required = {"type": "str", "required": True}
    policy = {
        "table": required,
        "by": {"type": "dict", "options": {"range": required, "every": required}},
        "name": text,
        "ahead": {"type": "int"},
        "behind": {"type": "int"},
        "default": {"type": "raw"},
        "retention": {"type": "dict", "options": {"keep": required, "then": required}},
        "hooks": {"type": "dict", "options": {"attached": text, "detaching": text, "moved": text}},
        "time_zone": text,
        "storage_parameters": {"type": "dict"},
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    }
    run_module(
        {
            "policies": {"type": "list", "elements": "dict", "required": True, "options": policy},
            "apply": {"type": "bool", "default": True},
        },
        work,
    )


if __name__ == "__main__":
    main()
