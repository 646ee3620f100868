"""What was loaded, compared with the manifest."""

from __future__ import annotations

from typing import Any

from pgops_dump import catalog, checksums
from pgops_dump.dump import large_objects
from pgops_dump.load_plan import Plan
from pgops_dump.names import written
from pgops_dump.server import Server, Session


def differences(server: Server, database: str, plan: Plan, jobs: int) -> list[str]:
    """What differs, in words; nothing when all is as the manifest says."""
    with server.session(database, pinned=True) as session:
        views = catalog.incremental_views(session)
        here = {(t["schema"], t["name"]): t for t in catalog.tables(session, [view["oid"] for view in views])}
        found = structure(plan, here, {(view["schema"], view["name"]) for view in views})
        if found:
            return found
        pairs = [
            (there, here[there["schema"], there["name"]])
            for there in plan.tables
            if there["rows"] is not None and here[there["schema"], there["name"]]["kind"] in "rm"
        ]
        # A materialized view's rows as they are stored, here; in the manifest its query's.
        measured = checksums.measure(server, database, [{**mine, "kind": "r"} for _, mine in pairs], jobs)
        for there, mine in pairs:
            if problem := rows_differ(session, there, mine, measured[mine["oid"]]):
                found.append(problem)
        found += sequences(session, plan)
        if plan.whole and plan.content.get("large_objects") not in (None, large_objects(session)):
            found.append("large objects differ")
    return found


def structure(plan: Plan, here: dict[tuple[str, str], dict[str, Any]], views: set[tuple[str, str]]) -> list[str]:
    """Tables that are missing or too many, other columns, partitions elsewhere, views that are not maintained."""
    found = []
    name_of = {table["oid"]: (table["schema"], table["name"]) for table in plan.tables}
    name_here = {table["oid"]: name for name, table in here.items()}
    for table in plan.tables:
        name, mine = written(table["schema"], table["name"]), here.get((table["schema"], table["name"]))
        if mine is None:
            found.append(f"table {name} is missing")
            continue
        if mine["columns"] != table["columns"]:
            found.append(
                f"table {name} has columns {', '.join(mine['columns'])}; {', '.join(table['columns'])} in the dump"
            )
        parent = name_of.get(table["partition_of"])
        if parent and name_here.get(mine["partition_of"]) != parent:
            found.append(f"table {name} is no partition of {written(*parent)}")
    if plan.whole:
        found += [f"table {written(*name)} is in no manifest" for name in here if name not in set(name_of.values())]
        for view in plan.views:
            if (view["schema"], view["name"]) not in views:
                found.append(f"{written(view['schema'], view['name'])} is no incremental view, pg_ivm does not know it")
    return found


def rows_differ(session: Session, there: dict[str, Any], mine: dict[str, Any], measured: dict[str, Any]) -> str | None:
    """What differs in the rows of one relation."""
    expected = {"rows": there["rows"], "checksum": there["checksum"]}
    if measured == expected:
        return None
    if mine["kind"] == "m" and measured == session.row(checksums.question(session, mine)):
        return None  # its query gives something else by now, as one with now() does; the rows are its query's
    name = written(there["schema"], there["name"])
    if measured["rows"] != expected["rows"]:
        return f"{name} has {measured['rows']} rows, {expected['rows']} in the manifest"
    return f"{name} has {measured['rows']} rows as in the manifest, with other contents"


def sequences(session: Session, plan: Plan) -> list[str]:
    """Sequences that are missing or behind; they may be ahead, as nobody can hold them while the dump runs."""
    here = {(row["schema"], row["name"]): row for row in catalog.sequences(session, None)}
    found = []
    for there in plan.sequences:
        name, mine = written(there["schema"], there["name"]), here.get((there["schema"], there["name"]))
        if mine is None:
            found.append(f"sequence {name} is missing")
        elif not there["cycles"]:
            sign = 1 if there["ascending"] else -1
            if sign * mine["last_value"] < sign * there["last_value"]:
                found.append(f"sequence {name} stands at {mine['last_value']}, {there['last_value']} in the manifest")
    return found
