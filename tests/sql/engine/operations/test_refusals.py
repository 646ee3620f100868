"""What cannot be done is refused before anything is touched, and the message says what would be accepted."""

from __future__ import annotations

import json
import re

import pytest
from background import Background
from partition_operations import APRIL, MARCH, WEEKS
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

REFUSED = {
    "unknown operation": ("range", "explode", {}, 'operation is "explode"; accepted: add, split'),
    "unknown argument": ("range", "split", {"partition": "Feb, 24", "inot": WEEKS}, 'have "inot"; accepted'),
    "arguments that are no object": ("range", "split", [1], "accepted: an object"),
    "arguments that are nothing": ("range", "split", None, "arguments of split are null; accepted: an object"),
    "a name with an unknown field": (
        "range",
        "split",
        {"partition": "Feb, 24", "every": "week", "name": "w_{nope}"},
        "with {nope}; accepted: {year}",
    ),
    "no such partition": ("range", "split", {"partition": "Mar", "into": WEEKS}, 'has no partition "Mar"'),
    "no partition is named": (
        "range",
        "split",
        {"into": WEEKS},
        '"partition" is missing; accepted: the name of a partition of',
    ),
    "no pieces": ("range", "split", {"partition": "Feb, 24"}, 'have neither "into" nor "every"; accepted: "into"'),
    "pieces that are no list": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": "w"},
        '"into" is "w"; accepted: a list',
    ),
    "pieces and an interval": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": WEEKS, "every": "week"},
        'have "into" and "every"; accepted',
    ),
    "a pattern beside pieces": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": WEEKS, "name": "w{number}"},
        'have "name" beside "into"; accepted',
    ),
    "a piece that is no object": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": ["w"]},
        '"into" has "w"; accepted: objects',
    ),
    "a name that is a number": ("range", "add", MARCH | {"name": 7}, '"name" is 7; accepted: a text'),
    "a piece whose name is a number": ("range", "drain", {"partitions": [MARCH | {"name": 7}]}, "a text as .name."),
    "a partition that is a number": ("range", "detach", {"partition": 7}, '"partition" is 7; accepted: a text'),
    "a misspelt end": (
        "range",
        "add",
        {"name": "x", "from": "2024-03-01", "too": "2024-04-01"},
        'have "too"; accepted: an object',
    ),
    "a misspelt end of a piece": (
        "range",
        "drain",
        {"partitions": [{"name": "x", "from": "2024-03-01", "too": "2024-04-01"}]},
        '"too".* is no bound of .* accepted: "from"',
    ),
    "values beside a range": ("range", "add", MARCH | {"values": [1]}, 'is no bound of .* accepted: "from"'),
    "a range beside values": (
        "list",
        "add",
        {"name": "x", "values": ["x"], "from": 1},
        'accepted: "values" with a list',
    ),
    "a piece without a name": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": [{"from": "2024-02-01"}]},
        '"name" is missing',
    ),
    "a name too long": ("range", "add", MARCH | {"name": "ä" * 32}, "of 1 to 63 bytes"),
    "no bound": ("range", "add", {"name": "x"}, 'accepted: "from" .included. and "to"'),
    "values for a range": ("range", "add", {"name": "x", "values": [1]}, 'accepted: "from" .included. and "to"'),
    "a range for a list": ("list", "add", {"name": "x", "from": 1, "to": 2}, 'accepted: "values" with a list'),
    "a remainder too large": ("hash", "add", {"name": "x", "modulus": 4, "remainder": 4}, "a smaller .remainder."),
    "no date": ("range", "add", {"name": "x", "from": "someday", "to": "2024-03-01"}, "invalid input syntax"),
    "from after to": ("range", "add", {"name": "x", "from": "2024-04-01", "to": "2024-03-01"}, "is not before its"),
    "outside of the partition": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": [*WEEKS, MARCH]},
        "not within that of",
    ),
    "pieces that overlap": (
        "range",
        "split",
        {"partition": "Feb, 24", "into": [*WEEKS, WEEKS[0] | {"name": "again"}]},
        "would both take some row",
    ),
    "one name twice": ("range", "drain", {"partitions": [MARCH, APRIL | {"name": "March"}]}, "is asked for twice"),
    "a name that is taken": ("range", "drain", {"partitions": [MARCH | {"name": "Jan, 24"}]}, "exists already"),
    "beside what is there": (
        "range",
        "add",
        {"name": "x", "from": "2024-02-20", "to": "2024-03-10"},
        "would both take some row",
    ),
    "a gap without default": (
        "number",
        "split",
        {"partition": "n2", "into": [{"name": "x", "from": 1000, "to": 1500}]},
        "has no default partition for the rest",
    ),
    "a value twice": ("list", "add", {"name": "x", "values": ["jp", "de"]}, "would both take some row"),
    "half a remainder": (
        "hash",
        "split",
        {"partition": "p1", "into": [{"name": "x", "modulus": 8, "remainder": 1}]},
        "has no default partition for the rest",
    ),
    "another remainder": (
        "hash",
        "split",
        {"partition": "p1", "into": [{"name": "x", "modulus": 8, "remainder": 2}]},
        "not within that of",
    ),
    "remainders that make up none": (
        "hash",
        "merge",
        {"partitions": ["p0", "p1"], "into": "x"},
        "do not make up one bound",
    ),
    "the default split": ("range", "split", {"partition": "Rest", "into": WEEKS}, "is the default partition"),
    "the default merged": (
        "range",
        "merge",
        {"partitions": ["Rest", "Jan, 24"], "into": "x"},
        "cannot be merged with others",
    ),
    "merging one": ("range", "merge", {"partitions": ["Jan, 24", "Jan, 24"], "into": "x"}, "two partitions or more"),
    "draining without default": (
        "number",
        "drain",
        {"partitions": [{"name": "x", "from": 1, "to": 2}]},
        "has no default partition",
    ),
    "draining without policy": ("range", "drain", {}, "has no partition policy"),
    "an interval for numbers": (
        "number",
        "split",
        {"partition": "n2", "every": "week", "name": "x{from}"},
        "invalid input syntax",
    ),
    "an interval without limits": (
        "number",
        "split",
        {"partition": "n3", "every": 10, "name": "x{from}"},
        "with both ends",
    ),
    "an interval of nothing": ("number", "split", {"partition": "n2", "every": 0, "name": "x{from}"}, "more than"),
    "no days": (
        "range",
        "split",
        {"partition": "Feb, 24", "every": "0 days", "name": "x{from}"},
        "accepted: an interval of more than nothing",
    ),
    "an archive without name": ("range", "archive", {"partition": "Jan, 24"}, '"into" is missing; accepted: schema'),
    "an archive that does not fit": ("range", "archive", {"partition": "Jan, 24", "into": "app.Rest"}, None),
    "rows kept": ("range", "drop", {"partition": "Jan, 24", "rows": "keep"}, '"rows" is "keep"; accepted: "discard"'),
    "rows dropped": ("range", "drop", {"partition": "Jan, 24"}, "would lose them"),
    "a moduli clash": (
        "hash",
        "split",
        {
            "partition": "p1",
            "into": [{"name": "a", "modulus": 8, "remainder": 1}, {"name": "b", "modulus": 12, "remainder": 5}],
        },
        None,
    ),
}


@pytest.mark.parametrize(
    ("operations", "operation", "arguments", "message"), REFUSED.values(), ids=REFUSED, indirect=["operations"]
)
@pytest.mark.parametrize("how", ["plan", "apply"])
def test_refused_before_anything_is_touched(operations, operation, arguments, message, how):
    if "Rest" in str(arguments.get("into") if isinstance(arguments, dict) else ""):
        arguments = arguments | {"into": 'app."Rest"'}
        message = "cannot keep the rows of"
    before = operations.state()
    call = {
        "plan": "select * from pgops.operation_plan(%s::regclass, %s, %s)",
        "apply": "call pgops.operation_apply(%s::regclass, %s, %s)",
    }[how]
    with pytest.raises(errors.DatabaseError, match=message):
        operations.engine.session().execute(call, [operations.root, operation, json.dumps(arguments)])
    assert operations.state() == before


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lock_budget_ms": 0}, "a whole number from 1"),
        ({"batch_blocks": "many"}, "a whole number from 1"),
        ({"switch": "soon"}, '"now" or "wait"'),
        ({"switch_after": "someday"}, "invalid input syntax"),
        ({"speed": 1}, 'unknown option "speed"'),
    ],
)
def test_options_are_looked_at_first(operations, options, message):
    before = operations.state()
    with pytest.raises(errors.DatabaseError, match=message):
        operations.apply("drain", {"partitions": [MARCH]}, **options)
    assert operations.state() == before


def test_options_that_are_no_object(operations):
    call = "call pgops.operation_apply(%s::regclass, 'drain', %s, '[]')"
    with pytest.raises(errors.DatabaseError, match=r"options are \[\]; accepted: an object"):
        operations.engine.session().execute(call, [operations.root, json.dumps({"partitions": [MARCH]})])


OBSTACLES = {
    "rows without a key": (
        'alter table app."Event Log" drop constraint "Event Log_pkey"',
        "neither a primary key nor a unique index .not WITHOUT OVERLAPS. whose columns are all NOT NULL",
    ),
    "a key to itself": (
        'alter table app."Event Log" add constraint "To Self" foreign key (id, at) references app."Event Log"',
        'foreign key "To Self" of app."Event Log" refers to app."Event Log", so the table refers to itself',
    ),
    "a plain table": ("", "is not a partitioned table"),
}


@pytest.mark.parametrize(("damage", "message"), OBSTACLES.values(), ids=OBSTACLES)
def test_what_stands_in_the_way_is_named(operations, damage, message):
    engine = operations.engine
    if damage:
        engine.as_owner(damage)
    root = operations.root if damage else 'app."Jan, 24"'
    before = operations.state()
    with pytest.raises(errors.DatabaseError, match=message):
        engine.run(
            "call pgops.operation_apply(%s::regclass, 'split', %s)",
            root,
            json.dumps({"partition": "Feb, 24", "into": WEEKS}),
        )
    assert operations.state() == before


def test_a_publication_of_everything_is_in_the_way(operations):
    engine = operations.engine
    engine.run("create publication everything for all tables")
    try:
        with pytest.raises(errors.ObjectNotInPrerequisiteState, match='publication "everything" is FOR ALL TABLES'):
            operations.apply("drain", {"partitions": [MARCH]})
    finally:
        engine.run("drop publication everything")
    engine.run("create publication of_schema for tables in schema app")
    try:
        with pytest.raises(errors.ObjectNotInPrerequisiteState, match='"of_schema" is FOR TABLES IN SCHEMA app'):
            operations.apply("drain", {"partitions": [MARCH]})
    finally:
        engine.run("drop publication of_schema")


MOVES = {
    "split": ("range", "split", {"partition": "Feb, 24", "into": WEEKS}),
    "merge": ("range", "merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "x"}),
    "drain": ("range", "drain", {"partitions": [MARCH]}),
    "add what the default holds": ("range", "add", MARCH),
    "split below a root that is published": ("nested", "split", {"partition": "q1_a", "into": [
        {"name": "q1_a", "values": ["a"]}, {"name": "q1_b", "values": ["b"]}]}),
}  # fmt: skip


@pytest.fixture
def published(operations):
    """The root is published, and its partitions under their own names."""
    operations.engine.run(f"create publication by_name for table {operations.top}")
    yield operations
    operations.engine.run("drop publication by_name")


@pytest.mark.parametrize(("operations", "operation", "arguments"), MOVES.values(), ids=MOVES, indirect=["operations"])
def test_a_publication_that_names_partitions_is_in_the_way(published, operation, arguments):
    before = published.state()
    with pytest.raises(
        errors.ObjectNotInPrerequisiteState, match='"by_name" sends the partitions of .* own names'
    ) as caught:
        published.apply(operation, arguments)
    assert "ALTER PUBLICATION by_name SET (publish_via_partition_root = true)" in str(caught.value)
    assert published.state() == before
    published.engine.run("alter publication by_name set (publish_via_partition_root = true)")
    published.apply(operation, arguments, lock_budget_ms=900)


def test_rows_that_do_not_move_are_published_under_any_name(published):
    """A new partition is empty, and one that leaves stays what it is for a subscriber."""
    published.apply("add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"})
    published.apply("detach", {"partition": "Jan, 24"})
    published.apply("archive", {"partition": "Feb, 24", "into": "app.kept"})
    published.apply("drop", {"partition": "May"})
    assert set(published.sizes()) == {"Rest"}


def test_in_a_transaction_block_and_after_the_end(operations):
    engine = operations.engine
    with (
        pytest.raises(errors.InvalidTransactionTermination, match="cannot run inside a transaction block"),
        engine.superuser.transaction(),
    ):
        operations.apply("drain", {"partitions": [MARCH]})
    operations.apply("drain", {"partitions": [MARCH]})
    number = operations.record()["operation_id"]
    engine.run(f"call pgops.operation_resume({number})")
    for call in (f"call pgops.operation_cancel({number})", f"select pgops.operation_switch({number})",
            "call pgops.operation_resume(0)", "call pgops.operation_cancel(0)", "select pgops.operation_switch(0)"):  # fmt: skip
        with pytest.raises(errors.DatabaseError, match="cannot be cancelled|there is no"):
            engine.run(call)


DEFINITIONS = {
    "a privilege": 'grant insert on app."Event Log", app."Jan, 24", app."Feb, 24", app."Rest" to engine_monitor',
    "row-level security": "alter table {} enable row level security",
    "a policy": "create policy p on {} using (true)",
    "a constraint": "alter table {} add constraint c check (id > 0)",
    "an index": "create index on {} (at)",
    "a default": "alter table {} alter column \"No,te\" set default 'y'",
    "a comment": "comment on table {} is 'new'",
    "a statistics target": 'alter table {} alter column "No,te" set statistics 7',
    "extended statistics": "create statistics app.s on id, at from {}",
    "an option": "alter table {} set (fillfactor = 60)",
}


# A partitioned table has no options.
@pytest.mark.parametrize(
    ("operation", "what"),
    [*[("split", what) for what in DEFINITIONS], *[("convert", what) for what in DEFINITIONS if what != "an option"]],
)
def test_a_definition_that_changes_meanwhile_is_not_undone(operations, operation, what):
    engine = operations.engine
    table, arguments = {
        "split": ('app."Feb, 24"', {"partition": "Feb, 24", "into": WEEKS}),
        "convert": ('app."Event Log"', {"by": {"hash": "id", "modulus": 2}, "name": "part {remainder}"}),
    }[operation]
    running = Background(lambda: operations.apply(operation, arguments, session=engine.session(), switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    engine.as_owner(DEFINITIONS[what].format(table))
    before = operations.state()[:2]
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    with pytest.raises(errors.RaiseException, match=f"the definition of {re.escape(table)} was changed"):
        running.finish()
    assert operations.state()[:2] == before
    engine.session().execute(f"call pgops.operation_cancel({operations.record()['operation_id']})")
    assert operations.left_over() == []
    # Begun anew, it has what was changed.
    operations.apply(operation, arguments, session=engine.session())
    assert operations.record()["state"] in ("done", "kept")


def test_a_unique_index_of_the_partition_alone_would_forbid_less(operations):
    operations.engine.as_owner('create unique index once on app."Feb, 24" (id)')
    with pytest.raises(
        errors.ObjectNotInPrerequisiteState, match='index app.once, which keeps values apart, is of app."Feb, 24" alone'
    ):
        operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    operations.engine.as_owner('drop index app.once; create unique index once on app."Feb, 24" (id, at)')
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    assert operations.record()["state"] == "done"


def test_a_default_partition_that_is_partitioned_itself_is_not_exchanged(operations):
    operations.engine.as_owner(
        'drop table app."Rest"; create table app."Rest" partition of app."Event Log" default partition by range (at);'
        'create table app.late partition of app."Rest" default'
    )
    before = operations.state()
    words = (
        'app."Rest", the default partition, is partitioned itself: change its partitions, or convert the whole table'
    )
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match=words):
        operations.apply("drain", {"partitions": [MARCH]})
    assert operations.state() == before
