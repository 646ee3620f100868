"""What hangs on a table goes on to hang on it: foreign keys both ways, triggers, grants on one partition, a view is named."""

from __future__ import annotations

import pytest
from background import Background
from partition_operations import APRIL, MARCH, WEEKS
from psycopg import errors

FOREIGN_KEYS = """
create table app.kinds (note text primary key);
insert into app.kinds select distinct "No,te" from app."Event Log";
alter table app."Event Log" add constraint of_kind foreign key ("No,te") references app.kinds;
create table app.comments (id bigint, at timestamptz, foreign key (id, at) references app."Event Log" on delete cascade);
insert into app.comments select id, at from app."Event Log" where id % 10 = 0;
"""
KEYS = (
    "select conrelid::regclass::text, conname, confrelid::regclass::text, convalidated, pg_get_constraintdef(oid)"
    " from pg_constraint where contype = 'f' and conparentid = 0 and connamespace = 'app'::regnamespace order by 1, 2"
)
MOVES = {
    "split": ("split", {"partition": "Feb, 24", "into": WEEKS}),
    "merge": ("merge", {"partitions": ["Jan, 24", "Feb, 24"], "into": "Feb, 24"}),
    "drain": ("drain", {"partitions": [MARCH, APRIL]}),
    "split, the rest into the default": ("split", {"partition": "Feb, 24", "into": WEEKS[1:3]}),
}


@pytest.mark.parametrize("move", MOVES)
def test_foreign_keys_both_ways(operations, move):
    engine = operations.engine
    engine.as_owner(FOREIGN_KEYS)
    keys, rows = engine.run(KEYS), operations.rows()
    engine.run("update app.comments set at = at where id = 10")
    operations.apply(*MOVES[move], session=engine.session(), lock_budget_ms=900)
    assert operations.rows() == rows
    assert engine.run(KEYS) == keys
    assert operations.left_over() == []
    with pytest.raises(errors.ForeignKeyViolation):
        engine.run("insert into app.comments values (5, '2024-02-05')")
    with pytest.raises(errors.ForeignKeyViolation):
        engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-05', 'no such kind')")
    with pytest.raises(errors.ForeignKeyViolation):
        engine.run("delete from app.kinds")
    before = engine.value("select count(*) from app.comments")
    engine.run('delete from app."Event Log" where id <= 1500')
    assert engine.value("select count(*) from app.comments") == before - 150


@pytest.mark.parametrize("operation", ["detach", "archive", "drop"])
def test_rows_that_are_referred_to_do_not_leave(operations, operation):
    engine = operations.engine
    engine.as_owner(FOREIGN_KEYS)
    arguments = {
        "detach": {"partition": "Jan, 24"},
        "archive": {"partition": "Jan, 24", "into": "app.kept"},
        "drop": {"partition": "Jan, 24", "rows": "discard"},
    }[operation]
    rows, partitions, keys = operations.rows(), operations.partitions(), engine.run(KEYS)
    with pytest.raises(errors.DatabaseError, match=r"violates foreign key constraint|refer"):
        operations.apply(operation, arguments)
    assert operations.rows() == rows
    assert operations.partitions() == partitions
    assert engine.run(KEYS) == keys
    assert operations.left_over() == []


TRIGGERS = """
create table app.noted (what text, partition text, number bigint);
create function app.note_rows() returns trigger language plpgsql as $$
declare
    number bigint;
begin
    case tg_op
        when 'INSERT' then select count(*) into number from new_rows;
        else select count(*) into number from old_rows;
    end case;
    insert into app.noted values (tg_op, tg_table_name, number);
    return null;
end $$;
create trigger note_inserts after insert on app."Event Log" referencing new table as new_rows
    for each statement execute function app.note_rows();
create trigger note_deletes after delete on app."Event Log" referencing old table as old_rows
    for each statement execute function app.note_rows();
create trigger note_updates after update on app."Event Log" referencing old table as old_rows
    for each statement execute function app.note_rows();
create trigger note_inserts after insert on app."Feb, 24" referencing new table as new_rows
    for each statement execute function app.note_rows();
create function app.stamp() returns trigger language plpgsql as
    $$ begin new."No,te" := new."No,te" || '!'; return new; end $$;
create trigger stamp before insert on app."Event Log" for each row execute function app.stamp();
"""


def test_triggers_see_what_writers_write_and_nothing_of_what_moves(operations):
    engine = operations.engine
    engine.as_owner(TRIGGERS)
    rows = operations.rows()
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    operations.apply("drain", {"partitions": [MARCH]})
    assert operations.rows() == rows
    assert engine.run("select * from app.noted") == []
    engine.run(
        "insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-05', 'a'), ('2024-03-05', 'b'), ('2024-05-05', 'c')"
    )
    engine.run("insert into app.\"feb 1\" (at, \"No,te\", id) values ('2024-02-05', 'd', 10000)")
    engine.run('delete from app."Event Log" where "No,te" = \'b!\'')
    assert engine.run("select * from app.noted") == [
        ("INSERT", "Event Log", 3), ("INSERT", "feb 1", 1), ("DELETE", "Event Log", 1),
    ]  # fmt: skip
    assert engine.value("select count(*) from app.\"Event Log\" where \"No,te\" in ('a!', 'c!', 'd!')") == 3


def test_triggers_with_transition_tables_while_keys_are_noted(operations):
    """The statement triggers of the root and the row triggers that note keys do not disturb each other."""

    engine = operations.engine
    engine.as_owner(TRIGGERS)
    session = engine.session()
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-03-05', 'a'), ('2024-03-06', 'b')")
    engine.run("update app.\"Event Log\" set at = '2024-01-05' where \"No,te\" = 'a!'")
    # A row that an update moves to another partition is inserted there, for the row triggers of that one: "a!!".
    engine.run('delete from app."Event Log" where "No,te" like \'_!%\'')
    assert engine.run("select what, number from app.noted") == [("INSERT", 2), ("UPDATE", 1), ("DELETE", 2)]
    rows = operations.rows()
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert operations.rows() == rows


def test_what_cannot_follow_is_named(operations):
    engine = operations.engine
    engine.as_owner('create view app.february as select * from app."Feb, 24"')
    before = operations.state()
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match=r"app\.february"):
        operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    assert operations.state() == before
