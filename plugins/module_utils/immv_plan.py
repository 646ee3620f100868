# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What is to be done to one declared view, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, sqlstate
from ansible_collections.pgops.fleet.plugins.module_utils.immv_change import NAME_BYTES, rebuild_name
from ansible_collections.pgops.fleet.plugins.module_utils.immv_state import (
    Query,
    View,
    contents_differ,
    dependent_views,
    maintenance_problems,
    obstacles,
    read_query,
    read_view,
)

# Table, schema, column or function that an earlier task makes in a run, but not in check mode.
UNDEFINED_SQLSTATES = ("42P01", "3F000", "42703", "42883", "42704")
DIFFERENT_QUERY = "its query is another one"


@dataclass
class Plan:
    """One view: what is declared, what is there, what is to be done."""

    declared: dict
    view: View
    owner: str | None
    definition: str | None = None  # the declared query in the server's words
    change: str = "none"  # created, rebuilt, altered, adopted, removed
    reasons: list = field(default_factory=list)
    maintained: bool = False
    missing_indexes: list = field(default_factory=list)  # as declared, with a name
    superseded_indexes: list = field(default_factory=list)  # names
    leftover: View | None = None  # of a rebuild that was interrupted
    warnings: list = field(default_factory=list)

    @property
    def name(self):
        return self.declared["name"]

    @property
    def comment(self):
        """The comment afterwards."""
        return self.view.comment if self.declared["comment"] is None else self.declared["comment"] or None

    def difference(self):
        header = f"incremental view {self.name}"
        return {"before_header": header, "after_header": header, "before": self._before(), "after": self._after()}

    def _before(self):
        if self.view.oid is None:
            return ""
        known = self.declared["query"] if DIFFERENT_QUERY not in self.reasons else self.view.definition
        return {
            "query": (known or self.view.definition or "").strip(),
            "maintained": self.maintained,
            "owner": self.view.owner,
            "comment": self.view.comment,
            "indexes": [index_text(index) for index in self.view.indexes],
        }

    def _after(self):
        if self.change == "removed":
            return ""
        # Beside another query in the server's words, the declared one in the same words shows what differs.
        query = self.definition if DIFFERENT_QUERY in self.reasons else None
        kept = [index for index in self.view.indexes if index["name"] not in self.superseded_indexes]
        return {
            "query": (query or self.declared["query"]).strip(),
            "maintained": True,
            "owner": self.owner,
            "comment": self.comment,
            "indexes": [index_text(index) for index in kept + self.missing_indexes],
        }


def plan_new(declared, login_user):
    """The plan when there is no relation of the name, nor perhaps a server."""
    plan = Plan(declared, View(declared["name"]), owner=declared["owner"] or login_user)
    if declared["state"] == "present":
        plan.change, plan.reasons = "created", ["it does not exist"]
        plan.missing_indexes = [named_index(plan.name, index) for index in declared["indexes"]]
    return plan


def plan_view(session, declared, login_user, check_mode):
    """Compare a declared view with the server's."""
    view = read_view(session, declared["name"])
    _refuse_foreign(view)
    if declared["state"] == "absent":
        return _plan_absent(session, declared, view)
    query, warnings = _read_query(session, declared, check_mode)
    plan = plan_new(declared, login_user) if view.oid is None else _plan_existing(session, declared, view, query)
    plan.warnings += warnings
    leftover = read_view(session, rebuild_name(declared["name"]))
    if leftover.definition is not None:
        plan.leftover = leftover
        plan.reasons.append("a rebuild of it was interrupted")
        plan.change = "altered" if plan.change in ("none", "adopted") else plan.change
    return plan


def _refuse_foreign(view):
    """Only what pg_ivm maintains, or what was declared here before, may be replaced or dropped."""
    if view.oid is None or view.definition is not None or (view.kind == "r" and view.declared):
        return
    kinds = {"r": "table", "p": "partitioned table", "v": "view", "m": "materialized view"}
    raise Refused(
        f"view {view.name}: a {kinds.get(view.kind, 'relation')} of this name exists that pg_ivm does not know and "
        "that was never declared as a view here. Rename or drop it, or give the view another name."
    )


def _plan_absent(session, declared, view):
    plan = Plan(declared, view, owner=None)
    if view.oid is not None:
        readers = [reader["name"] for reader in dependent_views(session, view.oid)] + obstacles(session, view.oid)
        if readers:
            raise Refused(f"view {view.name} cannot be dropped: {', '.join(readers)} would be lost with it.")
        plan.change, plan.reasons, plan.maintained = "removed", ["it is declared absent"], view.definition is not None
    elif view.declared:
        plan.change, plan.reasons = "removed", ["it is remembered as declared and does not exist"]
    return plan


def _read_query(session, declared, check_mode):
    """The query as the server reads it. In check mode its tables may still be to be made."""
    try:
        return read_query(session, declared["name"], declared["query"]), []
    except Refused as refusal:
        if check_mode and sqlstate(refusal) in UNDEFINED_SQLSTATES:
            return Query(declared["query"]), [f"{refusal} Assuming that an earlier task makes it."]
        raise


def _plan_existing(session, declared, view, query):
    plan = Plan(declared, view, owner=declared["owner"] or view.owner, definition=query.definition)
    problems = maintenance_problems(view, query)
    plan.maintained = not problems
    if view.definition is not None and view.definition != query.definition:
        plan.reasons.append(DIFFERENT_QUERY)
    plan.reasons += problems
    if not plan.reasons and declared["verify_contents"] and contents_differ(session, view, query):
        plan.reasons.append("its contents are not the query's result")
    if plan.reasons:
        plan.change = "rebuilt"
        _refuse_rebuild(session, view, query)
    plan.missing_indexes, plan.superseded_indexes = compare_indexes(declared, view)
    for difference, reason in (
        (plan.owner != view.owner, f"its owner is {view.owner}"),
        (plan.comment != view.comment, "its comment is another one"),
        (plan.missing_indexes, "an index is missing"),
        (plan.superseded_indexes, "an index is another one"),
    ):
        if difference:
            plan.reasons.append(reason)
            plan.change = "altered" if plan.change == "none" else plan.change
    if plan.change == "none" and not view.declared:
        plan.change, plan.reasons = "adopted", ["it was made elsewhere"]
    return plan


def _refuse_rebuild(session, view, query):
    hindering = obstacles(session, view.oid)
    lost = [name for name, kind in view.columns.items() if query.definition and query.columns.get(name) != kind]
    if lost:
        hindering += [
            f"{reader['name']}, which reads a view that loses or changes column {', '.join(lost)}"
            for reader in dependent_views(session, view.oid)
        ]
    if hindering:
        raise Refused(
            f"view {view.name} must be rebuilt, and this hangs on it and cannot be carried over: "
            f"{'; '.join(hindering)}. Drop it first and make it again afterwards."
        )


def compare_indexes(declared, view):
    """(declared indexes that are not there, names of indexes that stand in their place).

    One that is declared without a name is content with any index on its columns.
    """
    missing, superseded = [], []
    for index in declared["indexes"]:
        wanted = named_index(declared["name"], index)
        alike = [found["name"] for found in view.indexes if _same_index(found, wanted)]
        if alike and (not index["name"] or index["name"] in alike):
            continue
        missing.append(wanted)
        superseded += [found["name"] for found in view.indexes if found["name"] == wanted["name"]]
    return missing, superseded


def _same_index(found, wanted):
    columns = [column[1:-1].replace('""', '"') if column.startswith('"') else column for column in found["columns"]]
    return (columns, found["is_unique"], found["method"], found["is_partial"]) == (
        wanted["columns"],
        wanted["is_unique"],
        wanted["method"],
        False,
    )


def named_index(view_name, index):
    """A declared index in the form of those that are read, with a name of PostgreSQL's usual making."""
    name = index["name"]
    if not name:
        base = "_".join([view_name.rsplit(".", 1)[1], *index["columns"]])
        name = base.encode()[: NAME_BYTES - len("_idx")].decode(errors="ignore") + "_idx"
    return {"name": name, "columns": index["columns"], "is_unique": index["unique"], "method": index["method"]}


def index_text(index):
    unique = "unique " if index["is_unique"] else ""
    return f"{unique}{index['name']} using {index['method']} ({', '.join(index['columns'])})"
