"""The plan of a conversion, and of its undo and finish, names what is locked in its switch and after it, and nothing else."""

from __future__ import annotations

import re

import pytest
from conversions import MONTHS
from lock_witness import LEVELS, WITNESS, level_of, promised, tables
from psycopg.types.json import Jsonb

WEEKS = {
    "by": {"range": "at", "every": "week"},
    "name": "week_{year}_{month}_{day}",
    "old_name": "before",
    "default": "no_week",
}
AFTER = {
    "convert": (("after",), "validate"),
    "undo": (("return_after", "return_clean"), "drop"),
    "finish": (("end_clean",), "drop"),
}
SWITCHES = {"convert": "switch", "undo": "return_switch", "finish": "end_switch"}


@pytest.mark.parametrize(
    ("earlier", "operation", "arguments"),
    [
        ([], "convert", MONTHS),
        ([("convert", MONTHS)], "undo", {}),
        ([("convert", MONTHS)], "finish", {}),
        ([("convert", MONTHS), ("finish", {})], "convert", WEEKS),
    ],
    ids=["convert", "undo", "finish", "convert what is partitioned"],
)
def test_the_plan_names_the_locks_of_the_switch(events, earlier, operation, arguments):
    engine = events.engine
    for call in earlier:
        events.apply(*call)
    engine.run("grant usage on schema app to public")
    names = {
        **tables(engine),
        **dict(
            engine.run(
                "select oid, oid::regclass::text from pg_class where relkind = 'v' and relnamespace = 'app'::regnamespace"
            )
        ),
    }
    engine.run(WITNESS)
    (words,) = (
        level
        for action, level in engine.run(
            "select action, lock_level from pgops.operation_plan('app.events', %s, %s)", operation, Jsonb(arguments)
        )
        if action == "switch"
    )
    events.apply(operation, arguments)
    found = {
        names[relation]
        for phase, relation in engine.run(
            "select phase, relation from app.witnessed where mode = 'AccessExclusiveLock'"
        )
        if phase == SWITCHES[operation] and relation in names
    }
    assert sorted(found) == sorted(re.findall(r"app\.\w+", words))
    assert words.startswith("ACCESS EXCLUSIVE on ")


@pytest.mark.parametrize(
    ("earlier", "operation", "arguments"),
    [
        ([], "convert", MONTHS),
        ([("convert", MONTHS)], "undo", {}),
        ([("convert", MONTHS)], "finish", {"drop_old": True}),
    ],
    ids=["convert", "undo", "finish"],
)
def test_the_plan_names_the_locks_of_what_follows_the_switch(events, earlier, operation, arguments):
    """By names as they are when it is done; partitions are held with the table whose they are."""
    engine = events.engine
    for call in earlier:
        events.apply(*call)
    engine.run("grant usage on schema app to public")
    engine.run(WITNESS)
    roots = "select oid, pg_partition_root(oid)::oid from pg_class where relispartition"
    names, partitions = tables(engine), dict(engine.run(roots))
    plan = engine.run(
        "select action, lock_level from pgops.operation_plan('app.events', %s, %s)", operation, Jsonb(arguments)
    )
    events.apply(operation, arguments)
    names, partitions = names | tables(engine), partitions | dict(engine.run(roots))
    phases, action = AFTER[operation]
    found: dict[str, str] = {}
    for phase, relation, mode in engine.run("select distinct * from app.witnessed"):
        name, level = names.get(partitions.get(relation, relation), ""), level_of(mode)
        # What keeps out nobody who reads or writes rows is not in a plan; the log is the operation's own.
        if phase in phases and LEVELS.index(level) > LEVELS.index("ROW EXCLUSIVE") and name and "pgops_" not in name:
            found[name] = max(level, found.get(name, level), key=LEVELS.index)
    words = promised({"action": action, "lock_level": level} for action, level in plan)
    assert found == {name: level for (each, name), level in words.items() if each == action}
