# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Carry out a plan, each step in a transaction of its own that waits for locks briefly and is tried again."""

from __future__ import annotations

from ansible_collections.community.postgresql.plugins.module_utils.postgres import psycopg
from ansible_collections.pgops.fleet.plugins.module_utils import immv_change
from ansible_collections.pgops.fleet.plugins.module_utils.connection import (
    Refused,
    quoted_name,
    server_message,
    with_retries,
)
from ansible_collections.pgops.fleet.plugins.module_utils.immv_plan import compare_indexes
from ansible_collections.pgops.fleet.plugins.module_utils.immv_state import View, read_indexes, relation_oid


class Steps:
    """Runs steps of one plan, in a transaction each; in check mode only their statements are kept."""

    def __init__(self, session, plan, lock_timeout_seconds, tries):
        self.session = session
        self.plan = plan
        self.lock_timeout_seconds = lock_timeout_seconds
        self.tries = tries

    def run(self, step):
        already = len(self.session.queries)

        def attempt():
            del self.session.queries[already:]
            with self.session.transaction(keep=not self.session.check_mode):
                immv_change.limit_lock_waits(self.session, self.lock_timeout_seconds)
                return step(self.session)

        try:
            return with_retries(attempt, self.tries)
        except psycopg.Error as error:
            raise Refused(f"view {self.plan.name}: {server_message(error)}") from error


def apply_plan(session, plan, lock_timeout_seconds, tries):
    steps = Steps(session, plan, lock_timeout_seconds, tries)
    if plan.leftover:
        steps.run(lambda session: immv_change.drop(session, plan.leftover.oid, plan.leftover.name))
    if plan.change == "removed":
        steps.run(lambda session: _remove(session, plan))
    elif plan.change == "created":
        steps.run(lambda session: _create(session, plan))
    elif plan.change == "rebuilt":
        _rebuild(session, steps, plan)
    else:
        steps.run(lambda session: _alter(session, plan))


def _remove(session, plan):
    if plan.view.oid is not None:
        immv_change.drop(session, plan.view.oid, plan.name)
    session.change("delete from pgops.declared_immv where view_name = %s", (plan.name,))


def _create(session, plan):
    immv_change.create(session, plan.declared, plan.declared["owner"], plan.name)
    _finish(session, plan)


def _alter(session, plan):
    if plan.owner != plan.view.owner:
        session.change(f"alter table {quoted_name(plan.name)} owner to {quoted_name(plan.owner, 'role')}")
    _finish(session, plan)


def _finish(session, plan):
    """What a view has beside its rows: indexes, comment, and the memory that it was declared."""
    schema = plan.name.rsplit(".", 1)[0]
    for name in plan.superseded_indexes:
        session.change(f"drop index {quoted_name(f'{schema}.{name}')}")
    for index in _still_missing(session, plan):
        columns = ", ".join(quoted_name(column, "column") for column in index["columns"])
        immv_change.create_index(
            session, plan.name, f"{schema}.{index['name']}", index["is_unique"], f"{index['method']} ({columns})"
        )
    if plan.comment != plan.view.comment:
        immv_change.comment_on(session, plan.name, plan.comment)
    immv_change.remember(session, plan.declared)


def _still_missing(session, plan):
    """Without the declared ones to which pg_ivm's own index on a new view already comes up."""
    if session.check_mode or plan.change != "created":
        return plan.missing_indexes
    made = View(plan.name, oid=relation_oid(session, plan.name))
    made.indexes = read_indexes(session, made.oid)
    return compare_indexes(plan.declared, made)[0]


def _rebuild(session, steps, plan):
    """Fill a second view while readers use the first, then let it take the first one's place."""
    rebuilt = immv_change.rebuild_name(plan.name)

    def build(session):
        immv_change.create(session, plan.declared, plan.owner, rebuilt)
        if session.check_mode:
            return {}
        oid = relation_oid(session, rebuilt)
        return immv_change.carry_over(session, plan.view, rebuilt, oid)

    def swap(session):
        immv_change.swap(session, plan.view, renames)
        _finish(session, plan)

    renames = steps.run(build)
    try:
        steps.run(swap)
    except Refused as refusal:
        oid = relation_oid(session, rebuilt)
        steps.run(lambda session: immv_change.drop(session, oid, rebuilt))
        raise Refused(f"{refusal}\nThe old view was kept as it was.") from refusal
