#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_scripts
short_description: Apply sets of versioned and repeatable SQL files
version_added: 0.1.0
description:
  - Applies SQL files that were named as in Flyway. C(V001__create_t1.sql) runs once, in the order of versions.
    C(R__procedures.sql) runs whenever its text changed, in the order of names, after all versioned files.
  - A file is one transaction, so a run that is interrupted continues with the first file that is missing.
  - What was applied is kept with its text in the table C(pgops.applied_script) of the database,
    which is made when missing.
  - A versioned file that was edited, removed, or added below an applied version is refused.
    For an edited one the error shows the difference.
  - The texts are given as they are and never templated.
options:
  sets:
    description:
      - Sets of files, applied in this order.
    type: list
    elements: dict
    required: true
    suboptions:
      name:
        description:
          - Name of the set, under which its files are remembered.
        type: str
        required: true
      role:
        description:
          - Role that the files run as, by C(SET ROLE), and which owns what they make.
          - Without it they run as O(login_user).
        type: str
      scripts:
        description:
          - The files of the set, in any order.
        type: list
        elements: dict
        required: true
        suboptions:
          name:
            description:
              - File name, C(V<number>__<description>.sql) or C(R__<description>.sql).
            type: str
            required: true
          content:
            description:
              - Text of the file. SQL only, no command of psql, no C(BEGIN), C(COMMIT) or C(ROLLBACK).
            type: str
            required: true
  lock_timeout_seconds:
    description:
      - How long one statement of a file waits for a lock. Writers queue behind a waiting statement,
        so a short wait that is repeated disturbs less than a long one.
      - V(0) waits without a limit.
    type: float
    default: 2
  tries:
    description:
      - How often a file is tried when a lock was not free, or on a deadlock.
    type: int
    default: 10
  wait_for_other_run_seconds:
    description:
      - How long to wait for another run that applies scripts to the same database.
    type: int
    default: 300
notes:
  - PostgreSQL 16 or later.
  - The check-mode result does not depend on the database or the roles existing yet.
extends_documentation_fragment:
  - pgops.fleet.declarative
  - community.postgresql.postgres
seealso:
  - name: Flyway's names of migrations
    description: The naming that the files follow.
    link: https://documentation.red-gate.com/flyway/flyway-concepts/migrations
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Apply the engine and the system's own files
  pgops.fleet.postgresql_scripts:
    login_db: transactions
    sets:
      - name: pgops
        scripts: "{{ 'files/sql/pgops' | pgops.fleet.sql_set }}"
      - name: transactions
        role: transactions_owner
        scripts: "{{ 'files/sql/transactions' | pgops.fleet.sql_set }}"

- name: Apply two files that are written here
  pgops.fleet.postgresql_scripts:
    login_db: shop
    sets:
      - name: shop
        role: shop_owner
        scripts:
          - name: V001__create_item.sql
            content: create table app.item (item_id bigint primary key);
          - name: R__item_count.sql
            content: create or replace view app.item_count as select count(*) from app.item;
"""

RETURN = r"""
scripts:
  description: The files that were applied, in order. In check mode those that would be.
  returned: success
  type: list
  elements: dict
  contains:
    set:
      description: Name of the set.
      type: str
      returned: always
      sample: shop
    name:
      description: Name of the file.
      type: str
      returned: always
      sample: R__item_count.sql
    kind:
      description: V(versioned) or V(repeatable).
      type: str
      returned: always
      sample: repeatable
    reason:
      description: V(new), or V(changed) for a repeatable file with another text than before.
      type: str
      returned: always
      sample: changed
    statements:
      description: Number of statements in the file.
      type: int
      returned: always
      sample: 1
sets:
  description: Each declared set.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: Name of the set.
      type: str
      returned: always
      sample: shop
    files:
      description: Number of its files.
      type: int
      returned: always
      sample: 2
    applied:
      description: Number of files that were applied by this run.
      type: int
      returned: always
      sample: 1
    undeclared:
      description: Repeatable files that were applied once and are no longer in the set. What they made is still there.
      type: list
      elements: str
      returned: always
      sample: []
queries:
  description: Statements that were executed around the files. A file stands there as a comment with its name.
  returned: always
  type: list
  elements: str
  sample: ["-- shop/R__item_count.sql"]
"""

from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    ensure_bookkeeping,
    run_module,
    with_retries,
)
from ansible_collections.pgops.fleet.plugins.module_utils.script_history import (
    APPLIED_SCRIPT,
    APPLIED_SCRIPT_COMMENT,
    applied_scripts,
    apply_script,
    wait_for_other_run,
)
from ansible_collections.pgops.fleet.plugins.module_utils.scripts import (
    ordered_scripts,
    pending_scripts,
    refuse_what_a_file_may_not_hold,
    split_statements,
)


def apply_set(module, session, declared, pending):
    role = declared["role"]
    if role and not session.value("select pg_catalog.to_regrole(quote_ident(%s)) is not null", (role,)):
        raise Refused(f"set {declared['name']}: role {role} does not exist. Create it before its scripts are applied.")
    for item in pending:
        statements = split_statements(item.script.body)
        session.queries.append(f"-- {declared['name']}/{item.script.name}")
        with_retries(
            lambda script=item.script, statements=statements: apply_script(
                session, declared["name"], role, script, statements, module.params["lock_timeout_seconds"]
            ),
            module.params["tries"],
        )


def describe(set_name, item):
    return {
        "set": set_name,
        "name": item.script.name,
        "kind": item.script.kind,
        "reason": item.reason,
        "statements": len(split_statements(item.script.body)),
    }


def difference(set_name, item):
    return {
        "before_header": f"{set_name}/{item.script.name} (applied)" if item.applied_body is not None else "not applied",
        "after_header": f"{set_name}/{item.script.name}",
        "before": item.applied_body or "",
        "after": item.script.body,
    }


def plan(module, session):
    """[(declared set, its scripts, names applied before, pending)], after every file was looked at."""
    planned = []
    for declared in module.params["sets"]:
        name = declared["name"]
        scripts = ordered_scripts(name, declared["scripts"])
        applied = applied_scripts(session, name)
        pending = pending_scripts(name, scripts, applied)
        for item in pending:
            refuse_what_a_file_may_not_hold(f"{name}/{item.script.name}", split_statements(item.script.body))
        gone = sorted(set(applied) - {script.name for script in scripts})
        planned.append((declared, scripts, gone, pending))
    return planned


def work(module, session):
    names = [declared["name"] for declared in module.params["sets"]]
    if len(set(names)) < len(names):
        raise Refused(f"sets: {', '.join(names)} names a set more than once. Give each set one entry.")
    if session and not module.check_mode:
        wait_for_other_run(session, module.params["wait_for_other_run_seconds"])
    planned = plan(module, session)
    changed = any(pending for _declared, _scripts, _gone, pending in planned)
    if changed and session:
        ensure_bookkeeping(session, "applied_script", APPLIED_SCRIPT, APPLIED_SCRIPT_COMMENT)
    result = {"changed": changed, "diff": [], "scripts": [], "sets": []}
    for declared, scripts, gone, pending in planned:
        name = declared["name"]
        if not module.check_mode:
            apply_set(module, session, declared, pending)
        elif session:
            session.queries += [f"-- {name}/{item.script.name}" for item in pending]
        result["scripts"] += [describe(name, item) for item in pending]
        result["diff"] += [difference(name, item) for item in pending]
        result["sets"].append({"name": name, "files": len(scripts), "applied": len(pending), "undeclared": gone})
    return result


def main():
    script = {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {"name": {"type": "str", "required": True}, "content": {"type": "str", "required": True}},
    }
    run_module(
        {
            "sets": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {"name": {"type": "str", "required": True}, "role": {"type": "str"}, "scripts": script},
            },
            "lock_timeout_seconds": {"type": "float", "default": 2},
            "tries": {"type": "int", "default": 10},
            "wait_for_other_run_seconds": {"type": "int", "default": 300},
        },
        work,
    )


if __name__ == "__main__":
    main()
