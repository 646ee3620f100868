"""Compares two sides. A difference names database, object, and what either side has."""

from __future__ import annotations

from typing import Any

from pgops_drill.contents import Contents

MISSING = "missing"


def compare(here: Contents, there: Contents) -> list[dict[str, Any]]:
    """All differences between the source (here) and the copy (there)."""
    lost = {(item["database"], item["table"]) for item in here.left_out}
    differences = [
        difference
        for key in sorted(set(here.tables) | set(there.tables))
        # What could not be read here, and is said to be so, is not held against the copy.
        if key not in lost
        for difference in table_difference(key, here.tables.get(key), there.tables.get(key))
    ]
    used: dict[tuple[str, str], int] = {}
    for (database, _table), figures in here.tables.items():
        for sequence, value in figures.get("used", {}).items():
            used[database, sequence] = max(value, used.get((database, sequence), value))
    for key in sorted(set(here.sequences) | set(there.sequences)):
        differences += sequence_difference(key, here.sequences.get(key), there.sequences.get(key), used.get(key))
    return differences


def table_difference(
    key: tuple[str, str], here: dict[str, Any] | None, there: dict[str, Any] | None
) -> list[dict[str, Any]]:
    """The difference of one table, if any."""
    found = {"database": key[0], "object": key[1], "kind": "table"}
    if here is None or there is None:
        side = "source" if here is None else "copy"
        return [found | {"what": f"missing in the {side}", "here": shown(here), "there": shown(there)}]
    for side, figures in (("source", here), ("copy", there)):
        if "error" in figures:
            what = f"cannot be read in the {side}: {figures['error']}"
            return [found | {"what": what, "here": shown(here), "there": shown(there)}]
    if here["rows"] != there["rows"]:
        return [found | {"what": "another number of rows", "here": shown(here), "there": shown(there)}]
    if here["checksum"] != there["checksum"]:
        return [found | {"what": "as many rows, another checksum", "here": shown(here), "there": shown(there)}]
    return []


def shown(figures: dict[str, Any] | None) -> Any:
    """What stands in the result for one side."""
    if figures is None:
        return MISSING
    return {name: figures[name] for name in ("rows", "checksum", "error") if name in figures}


def sequence_difference(
    key: tuple[str, str], here: dict[str, Any] | None, there: dict[str, Any] | None, used: int | None
) -> list[dict[str, Any]]:
    """A copy's sequence may be ahead (the server logs up to 32 values in advance), but never behind.

    A source that was promoted or has crashed stands where its WAL had been in advance, beyond what anybody was given. The
    copy of a backup made before need not stand there: it is not behind when its own WAL is in advance just as far.
    """
    found = {"database": key[0], "object": key[1], "kind": "sequence"}
    if here is None or there is None:
        side = "source" if here is None else "copy"
        values = {"here": here["last_value"] if here else MISSING, "there": there["last_value"] if there else MISSING}
        return [found | {"what": f"missing in the {side}"} | values]
    if here["cycle"]:  # it may start anew at any time
        return []
    descends = here["increment_by"] < 0
    reached = there["last_value"]
    in_advance = reached is not None and reached + there.get("log_cnt", 0) * here["increment_by"] == here["last_value"]
    handed_out = here["last_value"] is not None and not (here.get("log_cnt") == 0 and in_advance)
    needed = [here["last_value"]] if handed_out else []
    # Rows may have come with numbers of their own, which the source's sequence has not reached either.
    if used is not None and not descends and (here.get("later_value") or used - 1) >= used:
        needed.append(used)
    if not needed:
        return []
    least = min(needed) if descends else max(needed)
    behind = reached is None or (reached > least if descends else reached < least)
    return [found | {"what": "behind", "here": least, "there": reached}] if behind else []
