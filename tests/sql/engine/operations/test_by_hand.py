"""What somebody does by hand while an operation waits for its moment is seen in the switch, and nothing of it is undone."""

from __future__ import annotations

import pytest
from background import Background
from partition_operations import APRIL, MARCH, WEEKS, Operations
from psycopg import errors

pytestmark = pytest.mark.long_when_repeated

FEBRUARY = {"partition": "Feb, 24", "into": WEEKS}
BY_HASH = {"by": {"hash": "id", "modulus": 2}, "name": "part {remainder}"}
BOUNDS = {
    "Jan, 24": "for values from ('2024-01-01+00') to ('2024-02-01+00')",
    "Feb, 24": "for values from ('2024-02-01+00') to ('2024-03-01+00')",
    "Rest": "default",
}


def refuse_switch(operations: Operations, running: Background, message: str) -> None:
    before = everywhere(operations), operations.partitions()
    with pytest.raises(errors.RaiseException, match=message):
        operations.switch(running)
    assert operations.record()["state"] == "failed"
    assert (everywhere(operations), operations.partitions()) == before
    # Nor does it go on as long as nothing has changed.
    number = operations.record()["operation_id"]
    with pytest.raises(errors.RaiseException, match=message):
        operations.engine.session().execute(f"call pgops.operation_resume({number})")
    operations.engine.session().execute(f"call pgops.operation_cancel({number})")
    assert operations.record()["state"] == "cancelled"
    assert (everywhere(operations), operations.partitions()) == before
    assert operations.left_over() == []


def everywhere(operations: Operations) -> list[tuple]:
    """Each row as often as it is there, in the table or in what was detached from it."""
    tables = [operations.root] + [
        name
        for (name,) in operations.engine.run(
            "select oid::regclass::text from pg_class where relnamespace = 'app'::regnamespace and relkind = 'r'"
            " and not relispartition and relname = any(%s)",
            list(BOUNDS),
        )
    ]
    parts = [f'select id, at, "No,te", twice from {table}' for table in tables]
    return operations.engine.run(" union all ".join(parts) + " order by 1, 2")


GONE = {
    "split": ("Feb, 24", "split", FEBRUARY),
    "merge": ("Jan, 24", "merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "x"}),
    "drain": ("Rest", "drain", {"partitions": [MARCH]}),
    "detach": ("Jan, 24", "detach", {"partition": "Jan, 24"}),
    "drop": ("Jan, 24", "drop", {"partition": "Jan, 24", "rows": "discard"}),
    "archive": ("Jan, 24", "archive", {"partition": "Jan, 24", "into": "app.kept"}),
}


@pytest.mark.parametrize(("source", "operation", "arguments"), GONE.values(), ids=GONE)
def test_a_partition_that_was_detached(operations, source, operation, arguments):
    engine = operations.engine
    before = everywhere(operations)
    running = operations.begin(operation, arguments)
    engine.as_owner(f'alter table app."Event Log" detach partition app."{source}"')
    engine.run(f'update app."{source}" set "No,te" = \'later\' where id % 100 = 1')
    refuse_switch(operations, running, 'app."?[^"]*"? is no partition of app."Event Log" any more')
    assert [row[:2] for row in everywhere(operations)] == [row[:2] for row in before]
    engine.as_owner(f'alter table app."Event Log" attach partition app."{source}" {BOUNDS[source]}')
    before = operations.rows()[0]
    operations.apply(operation, arguments, session=engine.session())
    assert operations.record()["state"] == "done"
    assert operations.rows()[0] == before - (0 if operation in ("split", "merge", "drain") else 770)


TRIGGER = 'a trigger that notes changed rows of app."Feb, 24" was disabled or dropped'
DAMAGES = {
    "disabled": 'alter table app."Feb, 24" disable trigger {0}',
    "without those of replication": 'alter table app."Feb, 24" enable trigger {0}',
    "of replication only": 'alter table app."Feb, 24" enable replica trigger {0}',
    "dropped": 'drop trigger {0} on app."Feb, 24"',
    "not for a TRUNCATE": 'drop trigger {0}_truncate on app."Feb, 24"',
}
SPLIT, CONVERT = ("split", FEBRUARY), ("convert", BY_HASH)


@pytest.mark.parametrize(
    ("operation", "damage"),
    [
        *[(SPLIT, damage) for damage in DAMAGES],
        (CONVERT, "disabled"),
        *[pytest.param(CONVERT, damage, marks=pytest.mark.long) for damage in list(DAMAGES)[1:-1]],
        (CONVERT, "not for a TRUNCATE"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[0],
)
def test_a_trigger_that_was_disabled_or_dropped(operations, operation, damage):
    engine = operations.engine
    running = operations.begin(*operation)
    engine.as_owner(DAMAGES[damage].format(f"pgops_operation_{operations.record()['operation_id']}"))
    refuse_switch(operations, running, TRIGGER)
    before = operations.rows()
    operations.apply(*operation, session=engine.session())
    assert operations.record()["state"] in ("done", "kept")
    assert operations.rows() == before


@pytest.mark.parametrize("operation", [SPLIT, pytest.param(CONVERT, marks=pytest.mark.long)], ids=["split", "convert"])
@pytest.mark.parametrize("mended", [False, True], ids=["", "enabled again"])
def test_rows_that_changed_without_a_trigger(operations, operation, mended):
    engine = operations.engine
    running = operations.begin(*operation)
    trigger = f"pgops_operation_{operations.record()['operation_id']}"
    engine.as_owner(f'alter table app."Feb, 24" disable trigger {trigger}')
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-10', 'unseen')")
    engine.run('delete from app."Event Log" where id = (select min(id) from app."Feb, 24")')
    if mended:
        engine.as_owner(f'alter table app."Feb, 24" enable always trigger {trigger}')
    refuse_switch(operations, running, "do not hold what the old ones hold")
    before = operations.rows()
    operations.apply(*operation, session=engine.session())
    assert operations.record()["state"] in ("done", "kept")
    assert operations.rows() == before


def test_an_empty_partition_that_fills_is_not_dropped(operations):
    engine = operations.engine
    engine.run('delete from app."Jan, 24"')
    running = operations.begin("drop", {"partition": "Jan, 24"})
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-01-10', 'new')")
    refuse_switch(operations, running, 'app."Jan, 24" has got rows, and dropping it would lose them')
    assert operations.sizes()["Jan, 24"] == 1
    engine.run('delete from app."Jan, 24"')
    operations.apply("drop", {"partition": "Jan, 24"}, session=engine.session())
    assert "Jan, 24" not in operations.sizes()


# Empty days of what the operation is about to make.
OVERLAPS = {
    "drain": ("2024-03-10", "drain", {"partitions": [MARCH]}),
    "add": ("2024-03-10", "add", MARCH),
    "add empty": ("2024-05-10", "add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"}),
    "merge": ("2024-03-10", "merge", {"partitions": ["Feb, 24", "April"], "into": "Spring"}),
}


@pytest.mark.parametrize(("day", "operation", "arguments"), OVERLAPS.values(), ids=OVERLAPS)
def test_a_partition_made_by_hand_where_one_is_to_come(operations, day, operation, arguments):
    engine = operations.engine
    if operation == "merge":
        operations.apply("drain", {"partitions": [APRIL]})
    by_hand = (
        f"create table app.by_hand partition of app.\"Event Log\" for values from ('{day}+00') to ('{day} 12:00+00')"
    )
    running = operations.begin(operation, arguments)
    engine.run(f"delete from app.\"Event Log\" where at >= '{day}+00' and at < '{day} 12:00+00'")
    engine.as_owner(by_hand)
    engine.run(f"insert into app.\"Event Log\" (at, \"No,te\") values ('{day} 03:00+00', 'by hand')")
    refuse_switch(operations, running, 'would overlap partition "by_hand"')
    assert operations.sizes()["by_hand"] == 1
    before = operations.rows()
    operations.apply("detach", {"partition": "by_hand"}, session=engine.session())
    operations.apply(operation, arguments, session=engine.session())
    assert operations.rows()[0] == before[0] - 1
    assert operations.left_over() == []


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [("drain", {"partitions": [MARCH]}), ("split", {"partition": "Feb, 24", "into": WEEKS[1:3]})],
    ids=["drain", "split"],
)
def test_a_partition_made_by_hand_elsewhere_is_not_in_the_way(operations, operation, arguments):
    """Rows of the default partition, whose copy knows nothing of it, move there meanwhile."""
    engine = operations.engine
    running = operations.begin(operation, arguments)
    with engine.superuser.transaction():
        engine.run("create temp table moving on commit drop as select * from app.\"Rest\" where at >= '2024-04-01+00'")
        engine.run("delete from app.\"Rest\" where at >= '2024-04-01+00'")
        engine.run("set local role engine_owner")
        engine.run(
            "create table app.by_hand partition of app.\"Event Log\" for values from ('2024-04-01+00') to ('2024-06-01+00')"
        )
        engine.run("reset role")
        engine.run('insert into app."Event Log" (id, at, "No,te") select id, at, "No,te" from moving')
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-05-15', 'more')")
    before = operations.rows()
    operations.switch(running)
    assert (operations.record()["state"], operations.rows()) == ("done", before)
    assert operations.sizes()["by_hand"] == 741
    assert operations.left_over() == []


def test_a_table_that_takes_the_name_of_a_new_partition(operations):
    engine = operations.engine
    into = [WEEKS[0] | {"name": "Feb, 24"}, WEEKS[1] | {"to": "2024-03-01"}]
    running = operations.begin("split", {"partition": "Feb, 24", "into": into})
    # The name of a partition that is there; one that was free is the new table's from the beginning.
    june = "partition of app.\"Event Log\" for values from ('2024-06-01+00') to ('2024-07-01+00')"
    with pytest.raises(errors.DuplicateTable):
        engine.as_owner(f'create table app."feb 2" {june}')
    engine.as_owner('alter table app."Feb, 24" rename to february')
    engine.as_owner(f'create table app."Feb, 24" {june}')
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-10', 'new'), ('2024-06-10', 'by hand')")
    refuse_switch(operations, running, "the definition of app.february was changed")
    assert operations.sizes() == {"Jan, 24": 770, "february": 721, "Feb, 24": 1, "Rest": 1510}
    before = operations.rows()
    engine.as_owner('alter table app."Feb, 24" rename to june')
    operations.apply("split", {"partition": "february", "into": into}, session=engine.session())
    assert operations.rows() == before
    assert operations.sizes() == {"Jan, 24": 770, "Feb, 24": 174, "feb 2": 547, "june": 1, "Rest": 1510}
