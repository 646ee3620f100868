"""What others declare of the tables while an operation waits for its moment follows, or stops it; it is never undone unseen."""

from __future__ import annotations

import pytest
from background import Background
from partition_operations import MARCH, WEEKS
from psycopg import errors

SPLIT = ("split", {"partition": "Feb, 24", "into": WEEKS})
CHANGED = "was changed (a column, constraint, key, index, privilege, policy, option or comment)"


@pytest.fixture
def waiting(operations):
    """An operation that waits to be told to switch, and what tells it so and takes the outcome."""
    engine = operations.engine
    engine.configure(lock_tries=3)

    def begin(operation: str, arguments: dict, **options):
        session = engine.session()
        running = Background(lambda: operations.apply(operation, arguments, session=session, switch="wait", **options))
        engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")

        def switch(while_it_waits=None):
            engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
            if while_it_waits is not None:
                engine.wait_for(
                    "select exists (select from pg_locks where pid = %s and not granted)", session.info.backend_pid
                )
                while_it_waits()
            running.finish()

        return switch

    return begin


def blocker(engine, statements: str):
    """A transaction that has declared something and is not over."""
    session = engine.session("postgres", autocommit=False)
    session.execute("set local role engine_owner")
    session.execute(statements)
    return session


def test_who_is_waited_for_may_have_declared_something(operations, waiting):
    switch = waiting(*SPLIT, lock_budget_ms=5000)
    other = blocker(operations.engine, 'alter table app."Feb, 24" enable row level security')
    with pytest.raises(errors.RaiseException) as stopped:
        switch(other.commit)
    assert CHANGED in str(stopped.value)
    assert 'of app."Feb, 24"' in str(stopped.value)
    assert "Feb, 24" in operations.partitions()
    operations.engine.run(f"call pgops.operation_cancel({operations.record()['operation_id']})")
    assert operations.left_over() == []


@pytest.mark.parametrize(
    ("declared", "asked"),
    [
        (
            "create function app.touch() returns trigger language plpgsql as $$ begin return new; end $$;"
            'create trigger touch before insert on app."Feb, 24" for each row execute function app.touch()',
            "select count(*) from pg_trigger where tgname = 'touch'",
        ),
        (
            'create publication split_p for table only app."Feb, 24" with (publish_via_partition_root = true)',
            "select count(*) from pg_publication_tables where pubname = 'split_p'",
        ),
    ],
)
def test_what_is_declared_between_the_look_and_the_locks_follows(operations, waiting, declared, asked):
    """The commands of the switch are there already, and it waits for the table: they are made anew."""
    engine = operations.engine
    engine.run("drop publication if exists split_p; grant create on database " + engine.database + " to engine_owner")
    switch = waiting(*SPLIT, lock_budget_ms=5000)
    other = blocker(engine, f'lock table only app."Event Log" in access share mode; {declared}')
    switch(other.commit)
    assert engine.value(asked) == len(WEEKS)
    engine.run("drop publication if exists split_p")


@pytest.mark.parametrize(
    "declared",
    [
        'grant select on app."Event Log" to engine_monitor; comment on table app."Event Log" is \'read by others\'',
        'revoke select on app."Event Log" from engine_monitor',
    ],
)
def test_an_empty_partition_is_made_as_the_table_is_in_the_end(operations, waiting, declared):
    engine = operations.engine
    engine.as_owner('grant select, insert on app."Event Log" to engine_monitor')
    switch = waiting("add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"})
    engine.as_owner(declared)
    switch()
    assert engine.value(
        "select (select relacl::text from pg_class where relname = 'May') = (select relacl::text from pg_class where relname = 'Event Log')"
    )
    assert operations.left_over() == []


KEYS = """
create table app.kind (note text primary key); insert into app.kind select "No,te" from app."Event Log";
"""


@pytest.mark.parametrize(
    ("before", "meanwhile"),
    [
        ("", 'alter table app."Feb, 24" add constraint of_kind foreign key ("No,te") references app.kind'),
        (
            'alter table app."Feb, 24" add constraint of_kind foreign key ("No,te") references app.kind not valid',
            'alter table app."Feb, 24" validate constraint of_kind',
        ),
        ("", 'alter table app."Event Log" add constraint of_kind foreign key ("No,te") references app.kind'),
        ("", 'create index on only app."Event Log" (at)'),
    ],
)
def test_a_key_or_an_index_that_comes_too_late_to_be_made_stops_it(operations, waiting, before, meanwhile):
    engine = operations.engine
    engine.as_owner(KEYS + before)
    switch = waiting(*SPLIT)
    engine.as_owner(meanwhile)
    with pytest.raises(errors.RaiseException) as stopped:
        switch()
    assert CHANGED in str(stopped.value)
    assert "Feb, 24" in operations.partitions()


def test_an_index_of_the_table_that_is_not_valid_would_be_built_while_everybody_waits(operations):
    operations.engine.as_owner('create index late on only app."Event Log" (at)')
    before = operations.state()
    for operation, arguments in [SPLIT, ("drain", {"partitions": [MARCH]}), ("add", MARCH)]:
        with pytest.raises(errors.ObjectNotInPrerequisiteState, match='index app.late of app."Event Log" is not valid'):
            operations.apply(operation, arguments)
    assert operations.state() == before
    # Built on an empty table, it is no more than a moment's work.
    operations.apply("add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"})


@pytest.mark.parametrize(
    ("rewrite", "message"),
    [
        (
            'alter table app."Event Log" alter "No,te" type text using upper("No,te")',
            "do not hold what the old ones hold",
        ),
        ('vacuum full app."Feb, 24"', None),
    ],
)
def test_a_table_that_is_rewritten_after_it_was_compared_is_compared_again(operations, rewrite, message):
    """A rewrite fires no trigger, whatever becomes of the rows."""
    engine = operations.engine
    engine.as_owner('alter table app."Event Log" drop column twice')
    engine.configure(lock_tries=2)
    reader = engine.session("postgres", autocommit=False)
    reader.execute('select count(*) from app."Event Log"')
    with pytest.raises(errors.RaiseException, match="Locks are held by|lock timeout"):
        operations.apply(*SPLIT)
    assert operations.record()["progress"]["compared_files"]
    reader.rollback()
    engine.run(rewrite)
    rows = operations.rows()
    if message is None:
        operations.apply(*SPLIT)
        assert "feb 1" in operations.partitions()
    else:
        with pytest.raises(errors.RaiseException, match=message):
            operations.apply(*SPLIT)
        engine.run(f"call pgops.operation_cancel({operations.record()['operation_id']})")
    assert operations.rows() == rows
    assert operations.left_over() == []


def test_keys_are_carried_along_in_portions(operations, waiting):
    engine = operations.engine
    engine.configure(operation_keys_at_once=7)
    switch = waiting(*SPLIT)
    engine.run('update app."Event Log" set "No,te" = "No,te" || \'!\' where id % 3 = 0')
    engine.run('delete from app."Event Log" where id % 7 = 0')
    rows = operations.rows()
    switch()
    assert operations.rows() == rows
    assert operations.record()["replayed_keys"] >= 200


def test_the_copy_of_a_row_that_somebody_holds_refers_to_nothing(operations):
    """Its row refers to something else by now, and what the copy refers to may be deleted."""
    engine = operations.engine
    engine.as_owner(
        """
        create table app.kind (note text primary key); insert into app.kind select "No,te" from app."Event Log";
        alter table app."Event Log" add constraint of_kind foreign key ("No,te") references app.kind
        """
    )
    engine.run("create table app.stop (phase text)")
    engine.run(
        "grant select on app.stop to public;"
        "create function app.stop() returns trigger language plpgsql as $$ begin"
        " if old.phase = 'index' and new.phase <> 'index' then perform pg_advisory_xact_lock(77); end if; return new; end $$;"
        "create trigger stop before update on pgops.operation for each row execute function app.stop()"
    )
    holder = engine.session("postgres", autocommit=False)
    engine.run("select pg_advisory_lock(77)")
    session = engine.session()
    running = Background(lambda: operations.apply(*SPLIT, session=session))
    try:
        engine.wait_for(
            "select exists (select from pg_locks where locktype = 'advisory' and objid = 77 and not granted)"
        )
        engine.run('update app."Event Log" set "No,te" = \'note 1\' where "No,te" = \'note 800\'')
        engine.run("delete from app.kind where note = 'note 800'")
        holder.execute("select from app.\"Event Log\" where at > '2024-02-01+00' and \"No,te\" = 'note 1' for update")
    finally:
        engine.run("select pg_advisory_unlock(77)")
    engine.wait_for(
        "select bool_or(phase in ('keys', 'guard', 'wait', 'compare', 'catch_up', 'switch', 'done')) from pgops.operation"
    )
    holder.rollback()
    rows = operations.rows()
    running.finish()
    assert operations.rows() == rows
    assert operations.record()["state"] == "done"


def test_as_many_changes_in_each_round_as_in_the_one_before(operations):
    """Where rows change as fast as they are carried along, waiting for fewer would be for ever: the switch is tried."""
    engine = operations.engine
    engine.run(
        'create function app.more() returns trigger language plpgsql security definer as $$ begin update app."Event Log" set'
        " \"No,te\" = 'again' where id between 1000 and 1300; return null; end $$;"
        "create trigger more after update on pgops.operation for each row"
        " when (old.phase = 'catch_up' and new.phase = 'catch_up') execute function app.more()"
    )
    session = engine.session()
    Background(lambda: operations.apply(*SPLIT, session=session)).finish()
    assert operations.record()["state"] == "done"
    assert operations.record()["replayed_keys"] > 600
