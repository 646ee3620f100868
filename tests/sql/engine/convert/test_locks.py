"""The plan of a conversion, and of its undo and finish, names what its switch locks and nothing else."""

from __future__ import annotations

import re

import pytest
from conversions import MONTHS
from lock_witness import WITNESS, tables
from psycopg.types.json import Jsonb

WEEKS = {
    "by": {"range": "at", "every": "week"},
    "name": "week_{year}_{month}_{day}",
    "old_name": "before",
    "default": "no_week",
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
