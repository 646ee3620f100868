# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Policies of partitioned tables, and the engine that carries them out."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.partition_policies import (
    BLOCKED,
    apply_plan,
    engine_exists,
    plan_table,
    refuse_bad_policies,
    undeclared_tables,
)

TEXT = {"type": "str"}
REQUIRED = {"type": "str", "required": True}
NAMES = {"type": "list", "elements": "str"}
BY = {"range": TEXT, "every": TEXT, "list": TEXT, "hash": TEXT, "modulus": {"type": "int"}}
# Null is a value of a list: it must reach the engine.
PARTITION = {"name": REQUIRED, "from": TEXT, "to": TEXT, "values": {"type": "list", "elements": "raw"}}
INDEX = {"columns": {**NAMES, "required": True}, "include": NAMES, "method": TEXT, "unique": {"type": "bool"}}
POLICY = {
    "table": REQUIRED,
    "by": {"type": "dict", "options": BY},
    "name": TEXT,
    "partitions": {"type": "list", "elements": "dict", "options": PARTITION},
    "ahead": {"type": "int"},
    "behind": {"type": "int"},
    "default": {"type": "raw"},
    "retention": {"type": "dict", "options": {"keep": REQUIRED, "then": REQUIRED, "into": TEXT, "reason": TEXT}},
    "hooks": {"type": "dict", "options": {"attached": TEXT, "detaching": TEXT, "moved": TEXT}},
    "time_zone": TEXT,
    "storage_parameters": {"type": "dict"},
    "tablespace": TEXT,
    "indexes": {"type": "list", "elements": "dict", "options": INDEX},
    # A policy in a policy, to any depth: the engine checks it.
    "subpartitions": {"type": "dict"},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}
ARGUMENTS = {
    "policies": {"type": "list", "elements": "dict", "required": True, "options": POLICY},
    "apply": {"type": "bool", "default": True},
}


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
