"""Row-level security that hides rows from the owner, who is no superuser, stops an operation; it never makes it lose them."""

from __future__ import annotations

import json

import pytest
from partition_operations import FOREIGN_KEYS, MARCH, WEEKS

CALLS = {
    "split": ("split", {"partition": "Feb, 24", "into": WEEKS}, "Feb, 24"),
    "merge": ("merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "both"}, "Feb, 24"),
    "drain": ("drain", {"partitions": [MARCH]}, "Rest"),
    "add what the default holds": ("add", MARCH, "Rest"),
    "archive": ("archive", {"partition": "Feb, 24", "into": "app.kept"}, "Feb, 24"),
    "drop": ("drop", {"partition": "Feb, 24"}, "Feb, 24"),
    "convert": ("convert", {"by": {"range": "at", "every": "quarter"}, "name": "e_{year}_{quarter}"}, "Feb, 24"),
}
# And all that it was before: rows are not exchanged for others with another definition.
SHOW = "alter table {0} no force row level security; alter table {0} disable row level security; drop policy few on {0}"
HIDE = (
    'alter table app."{0}" enable row level security; alter table app."{0}" force row level security;'
    'create policy few on app."{0}" using (id % 2 = 0)'
)


def hide(engine, table: str) -> None:
    engine.as_owner(HIDE.format(table))


@pytest.mark.parametrize("name", CALLS)
def test_refused_beforehand(operations, name):
    operation, arguments, table = CALLS[name]
    hide(operations.engine, table)
    before = operations.state()
    with pytest.raises(Exception, match="row-level security is forced on engine_owner|row-level security policy"):
        operations.apply(operation, arguments, session=operations.engine.session())
    assert operations.state() == before


@pytest.mark.parametrize("name", [name for name in CALLS if name != "drop"])
def test_hidden_after_it_began(operations, name):
    """Before anything is copied: nothing is taken for all there is."""
    operation, arguments, table = CALLS[name]
    engine, session = operations.engine, operations.engine.session()
    before = operations.rows()
    number = session.execute(
        "select pgops.start_operation(%s::regclass, %s, %s, %s)",
        [operations.root, operation, json.dumps(arguments), json.dumps({"batch_blocks": 1, "lock_budget_ms": 900})],
    ).fetchone()[0]
    hide(engine, table)
    with pytest.raises(Exception, match=r'affected by row-level security policy for table ".*SQLSTATE 42501'):
        session.execute("call pgops.operation_resume(%s)", [number])
    old = engine.value("select (sources #>> '{0,oid}')::oid::regclass::text from pgops.operation")
    kept = 0 if engine.value("select relispartition from pg_class where oid = %s::regclass", old) else 720
    assert operations.rows()[0] + kept == before[0]
    assert not kept or engine.value(f"select count(*) from {old}") == kept
    hidden = old if kept else f'app."{table}"'
    engine.as_owner(SHOW.format(hidden))
    if operation in ("split", "merge", "drain", "add"):
        # The new tables were made like those that hid their rows.
        with pytest.raises(Exception, match="the definition of .* was changed"):
            session.execute("call pgops.operation_resume(%s)", [number])
        session.execute("call pgops.operation_cancel(%s)", [number])
        operations.apply(operation, arguments, session=session, lock_budget_ms=900)
    else:
        session.execute("call pgops.operation_resume(%s)", [number])
    archived = engine.value("select count(*) from app.kept") if operation == "archive" else 0
    assert archived == (720 if operation == "archive" else 0)
    assert operations.rows()[0] + archived == before[0]
    assert operations.record()["error"] is None


def test_hidden_while_it_waits(operations):
    """All rows are copied: neither the comparison nor the last rows may be those that the owner sees."""
    engine, session = operations.engine, operations.engine.session()
    engine.as_owner(FOREIGN_KEYS)
    before = operations.rows()
    number = session.execute(
        "select pgops.start_operation(%s::regclass, 'split', %s, %s)",
        [operations.root, json.dumps(CALLS["split"][1]), json.dumps({"lock_budget_ms": 900})],
    ).fetchone()[0]
    for phase in ("create", "capture", "copy", "settle", "index"):
        while session.execute("select phase from pgops.operation").fetchone()[0] == phase:
            outcome = session.execute(
                "select problem from pgops.try_operation_step(%s, %s)", [number, phase]
            ).fetchone()
            assert outcome == (None,)
    hide(engine, "Feb, 24")
    with pytest.raises(Exception, match=r"row-level security .*SQLSTATE 42501"):
        session.execute("call pgops.operation_resume(%s)", [number])
    assert operations.rows() == before
    engine.as_owner(SHOW.format('app."Feb, 24"'))
    session.execute("call pgops.operation_resume(%s)", [number])
    assert operations.rows() == before
    assert set(operations.sizes()) == {"Jan, 24", "feb 1", "feb 2", "feb 3", "feb 4", "Rest"}


def test_an_archive_that_hides_its_rows(operations):
    engine = operations.engine
    engine.as_owner('create table app.kept (like app."Event Log", archived_at timestamptz, archive_reason text)')
    hide(engine, "kept")
    with pytest.raises(Exception, match=r"row-level security .*SQLSTATE 42501"):
        operations.apply("archive", CALLS["archive"][1], session=engine.session())
    old = engine.value("select (sources #>> '{0,oid}')::oid::regclass::text from pgops.operation")
    assert engine.value(f"select count(*) from {old}") == 720
