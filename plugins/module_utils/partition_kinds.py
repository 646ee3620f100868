# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The ways in which a partition policy says what partitions there are, and which attributes go with each.

The engine knows the same (``pgops.policy_kind()``, ``pgops.policy_keys()``) and has the last word; here they are
refused before a host is touched.
"""

from __future__ import annotations

STRATEGIES = ("range", "list", "hash")
# What each way needs beside its column, and which of the attributes that not all take it takes.
NEEDS = {
    "period": ("name",),
    "number": ("name",),
    "bounds": ("partitions",),
    "list": ("partitions",),
    "hash": ("name",),
}
TAKES = {
    "name": ("period", "number", "hash"),
    "partitions": ("bounds", "list"),
    "ahead": ("period", "number"),
    "behind": ("period", "number"),
    "retention": ("period", "number", "bounds"),
    "time_zone": ("period", "bounds"),
}
WORDS = {
    "period": "range every period",
    "number": "range every number",
    "bounds": "range with given partitions",
    "list": "list",
    "hash": "hash",
}


def strategies_of(by):
    return [name for name in STRATEGIES if by.get(name) is not None]


def kind_of(policy):
    """Return period, number, bounds, list or hash; None where it says none of them."""
    by = policy.get("by") or {}
    (strategy,) = strategies_of(by) or [None]
    if strategy != "range":
        return strategy
    if by.get("every") is not None:
        return "number" if str(by["every"]).isdigit() else "period"
    return "bounds" if policy.get("partitions") is not None else None


def contradictions(path, policy):
    """Yield what the attributes of a policy, each good by itself, do not say or say in two ways."""
    by = policy.get("by")
    if not isinstance(by, dict):
        return
    found = strategies_of(by)
    if len(found) != 1:
        yield f"{path}.by has {' and '.join(found) or 'none of range, list and hash'}; accepted: one of them"
        return
    kind = kind_of(policy)
    if kind is None:
        yield f"{path}.by has no every; accepted: a size of partitions, or partitions with their bounds beside it"
        return
    if kind == "hash" and by.get("modulus") is None:
        yield f"{path}.by has no modulus; accepted: a number of partitions"
    for name in NEEDS[kind]:
        if policy.get(name) is None:
            yield f"{path} has no {name} in any layer; a policy by {WORDS[kind]} needs it"
    for name, kinds in TAKES.items():
        if policy.get(name) is not None and kind not in kinds:
            yield f"{path}.{name} does not go with by {WORDS[kind]}; it goes with {', '.join(WORDS[k] for k in kinds)}"
    if isinstance(policy.get("subpartitions"), dict):
        inner = f"{path}.subpartitions"
        if policy["subpartitions"].get("by") is None:
            yield f"{inner} has no by in any layer; accepted: column, and how much of it one partition holds"
        yield from contradictions(inner, policy["subpartitions"])
