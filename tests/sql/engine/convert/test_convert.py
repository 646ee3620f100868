"""A plain table becomes a partitioned one, with all that it had, and again what it was."""

from __future__ import annotations

import pytest
from conversions import MONTHS
from psycopg import errors
from table_facts import table_facts

AROUND = ("app.country", "app.line", "app.notes", "app.over", "app.seen")


def facts(events, table: str = "app.events") -> set[tuple[str, str]]:
    """All but what a partitioned table says in other words than a plain one, and what keeps the two in step."""
    return {
        (kind, fact)
        for kind, fact in table_facts(events.engine.superuser, table)
        if kind != "table" and "pgops_operation" not in fact
    }


def around(events) -> dict:
    """Facts of the tables and views around it; the server's own triggers of keys are more where partitions are."""
    return {
        name: {fact for fact in table_facts(events.engine.superuser, name) if fact[0] != "referenced"}
        for name in AROUND
    }


def definitions(events) -> list[tuple]:
    return events.engine.run(
        "select 'app.notes', pg_get_viewdef('app.notes'::regclass)"
        " union all select 'app.counted', pg_get_functiondef('app.counted'::regproc)"
    )


def test_everything_follows_to_the_partitioned_table_and_back(events):
    engine = events.engine
    before, others, rows, names = facts(events), around(events), events.rows(), events.relations()
    plain = table_facts(engine.superuser, "app.events")
    texts = definitions(events)
    events.apply("convert", MONTHS)
    record = events.record()
    assert (record["state"], record["phase"], record["error"]) == ("kept", "kept", None)
    assert record["row_count"] == rows[0] == record["copied_rows"]
    # The key to another table stands with each partition as well: that is all the difference.
    assert {fact for fact in facts(events) if fact[0] != "key trigger"} == {
        fact for fact in before if fact[0] != "key trigger"
    }
    assert {name: fact for name, fact in around(events).items() if name != "app.country"} == {
        name: fact for name, fact in others.items() if name != "app.country"
    }
    assert events.rows() == events.rows("app.events_old") == rows
    assert definitions(events) == texts
    assert engine.value("select relkind from pg_class where oid = 'app.events'::regclass") == "p"
    assert engine.value("select count(*) from pg_inherits where inhparent = 'app.events'::regclass") >= 5
    assert (
        engine.value("select policy ->> 'name' from pgops.partition_policy where parent = 'app.events'::regclass")
        == MONTHS["name"]
    )
    # Readers of the views and functions see the new table.
    engine.run("insert into app.events (at, note) values ('2024-02-02', 'new')")
    assert engine.value("select app.counted()") == rows[0] + 1
    assert engine.value("select notes from app.over") == rows[0] + 1
    engine.run("update app.events set note = 'see' where note = 'new'")
    assert engine.value("select count(*) from app.seen") == 1
    changed = events.rows()
    events.apply("undo")
    assert events.record()["state"] == "undone"
    assert table_facts(engine.superuser, "app.events") == plain
    assert around(events) == others
    assert events.rows() == changed
    assert events.relations() == names
    assert definitions(events) == texts
    assert events.left_over() == []
    assert engine.run("select * from pgops.partition_policy") == []
    # No trigger of the table has fired a second time.
    assert engine.value("select count(*) from app.seen") == 1


def test_identity_and_sequences_go_on_without_collisions(events):
    engine = events.engine
    insert = "insert into app.events (at, note) values ('2024-02-02', 'n') returning id, number"
    numbers = [engine.run(insert)[0]]
    events.apply("convert", MONTHS)
    numbers += [engine.run(insert)[0] for _ in range(3)]
    events.apply("undo")
    numbers += [engine.run(insert)[0] for _ in range(3)]
    events.apply("convert", MONTHS)
    numbers += [engine.run(insert)[0] for _ in range(3)]
    events.apply("finish", {"drop_old": True})
    numbers += [engine.run(insert)[0] for _ in range(3)]
    # Gaps and turns come from numbers that a session has fetched ahead; none comes twice.
    for column in zip(*numbers, strict=True):
        assert len(set(column)) == len(numbers)
    assert engine.value("select pg_get_serial_sequence('app.events', 'id')") == "app.events_id_seq"
    assert engine.value("select pg_get_serial_sequence('app.events', 'number')") == "app.events_number_seq"
    assert engine.value("select to_regclass('app.events_old') is null")


def test_finish_keeps_the_old_table_as_it_was_at_that_moment(events):
    engine = events.engine
    events.apply("convert", MONTHS)
    engine.run("update app.events set note = 'then' where id = 5")
    rows = events.rows()
    events.apply("finish")
    engine.run("update app.events set note = 'later' where id = 7")
    assert events.rows("app.events_old") == rows != events.rows()
    assert events.record()["state"] == "done"
    assert events.left_over() == []
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="no conversion that is not finished"):
        events.apply("undo")


def test_a_second_table_is_filled_and_kept_in_step(events):
    """The migration of the specification: both stay, and hold the same."""
    engine = events.engine
    plain = table_facts(engine.superuser, "app.events")
    events.apply("convert", MONTHS | {"name": "by_month_{year}_{month}", "new_name": "by_month"})
    assert events.rows("app.by_month") == events.rows()
    engine.run("insert into app.events (at, note) values ('2024-02-02', 'new')")
    engine.run("delete from app.events where id = 5")
    assert events.rows("app.by_month") != events.rows()
    session = engine.session()
    session.execute("call pgops.operation_resume(%s)", [events.record()["operation_id"]])
    assert events.record()["state"] == "kept"
    assert events.rows("app.by_month") == events.rows()
    engine.run("update app.events set at = at + interval '1 month', note = 'moved' where id % 50 = 1 and id > 100")
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="a second one"):
        events.apply("undo")
    events.apply("finish")
    assert events.rows("app.by_month") == events.rows()
    assert table_facts(engine.superuser, "app.events") == plain
    assert events.left_over() == []


def test_one_strategy_becomes_another(events):
    engine = events.engine
    engine.as_owner(
        "create table app.hashed (id bigint, at date not null, note text, primary key (id, at)) partition by hash (id);"
        "create table app.h0 partition of app.hashed for values with (modulus 2, remainder 0);"
        "create table app.h1 partition of app.hashed for values with (modulus 2, remainder 1);"
        "create trigger touch before update on app.hashed for each row execute function app.touch();"
        "create trigger off before update on app.hashed for each row execute function app.touch();"
        "alter table app.hashed enable always trigger touch; alter table app.hashed disable trigger off;"
        "insert into app.hashed select i, '2024-01-01'::date + i % 90, 'n' || i from generate_series(1, 500) as i"
    )
    before = [table_facts(engine.superuser, name) for name in ("app.hashed", "app.h0", "app.h1")]
    events.apply("convert", MONTHS | {"name": "hashed_{year}_{month}"}, table="app.hashed")
    assert engine.value("select partstrat from pg_partitioned_table where partrelid = 'app.hashed'::regclass") == "r"
    engine.run("update app.hashed set at = at + 40 where id % 7 = 0; delete from app.hashed where id % 7 = 1")
    rows = engine.rows("app.hashed")
    assert rows[0] < 500
    events.apply("undo", table="app.hashed")
    assert engine.rows("app.hashed") == rows
    assert [table_facts(engine.superuser, name) for name in ("app.hashed", "app.h0", "app.h1")] == before


def test_a_key_without_the_partition_key_is_refused_or_made_wider_when_told_so(events):
    engine = events.engine
    engine.as_owner("create table app.users (id bigint primary key, email text unique, born date not null)")
    engine.as_owner(
        "insert into app.users select i, 'u' || i, '2000-01-01'::date + i from generate_series(1, 300) as i"
    )
    by_year = {"by": {"range": "born", "every": "year"}, "name": "users_{year}", "ahead": 0}
    with pytest.raises(errors.ObjectNotInPrerequisiteState) as caught:
        events.apply("convert", by_year, table="app.users")
    message = str(caught.value)
    assert 'the primary key (constraint "users_pkey") of app.users does not contain born' in message
    assert 'the unique constraint (constraint "users_email_key") of app.users does not contain born' in message
    assert '"wider_keys": true' in message
    events.apply("convert", by_year | {"wider_keys": True}, table="app.users")
    assert engine.run(
        "select conname, pg_get_constraintdef(oid) from pg_constraint"
        " where conrelid = 'app.users'::regclass and contype in ('p', 'u') order by 1"
    ) == [("users_email_key", "UNIQUE (email, born)"), ("users_pkey", "PRIMARY KEY (id, born)")]
    # Two rows that the old key forbids cannot be undone into it.
    engine.run("insert into app.users values (1, 'again', '2000-07-07')")
    with pytest.raises(errors.RaiseException, match="users_pkey|users_old_pkey"):
        events.apply("undo", table="app.users")
    engine.run("delete from app.users where email = 'again'")
    events.apply("undo", table="app.users")
    assert (
        engine.value("select pg_get_constraintdef(oid) from pg_constraint where conname = 'users_pkey'")
        == "PRIMARY KEY (id)"
    )


def test_a_truncate_meanwhile_is_followed(events):
    engine = events.engine
    engine.run("truncate app.line; alter table app.line drop constraint of_event")
    events.apply("convert", MONTHS)
    engine.run("truncate app.events")
    engine.run("insert into app.events (at, note) values ('2024-02-02', 'one')")
    events.apply("undo")
    assert events.rows()[0] == 1


def test_a_publication_by_name_must_publish_through_the_root(events):
    events.engine.run("alter publication convert_p set (publish_via_partition_root = false)")
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="publish_via_partition_root = true"):
        events.apply("convert", MONTHS)


def test_only_who_may_become_the_owner_converts(events):
    operator = events.engine.session("engine_operator")
    for operation in ("convert", "undo", "finish"):
        with pytest.raises(errors.InsufficientPrivilege, match="may not SET ROLE"):
            events.apply(operation, MONTHS if operation == "convert" else {}, session=operator)


def test_the_reaper_leaves_a_kept_conversion_alone_and_carries_changes_along(events):
    engine = events.engine
    events.apply("convert", MONTHS)
    engine.run("update app.events set note = 'late' where id < 100")
    assert events.rows() != events.rows("app.events_old")
    engine.run("update pgops.operation set heartbeat_at = now() - interval '1 day'")
    engine.session().execute("call pgops.reap_operations()")
    assert events.record()["state"] == "kept"
    assert events.rows() == events.rows("app.events_old")
    for command in ("call pgops.operation_cancel(%s)",):
        with pytest.raises(errors.ObjectNotInPrerequisiteState, match="cannot be cancelled"):
            engine.session().execute(command, [events.record()["operation_id"]])


@pytest.mark.parametrize(
    "change",
    [
        "alter table app.events add column more text default 'x'",
        "revoke all on app.events from engine_monitor",
        "create policy more on app.events using (true)",
        "create index on app.events (note, at)",
    ],
)
def test_an_undo_does_not_take_back_what_was_changed_since(events, change):
    engine = events.engine
    engine.as_owner("grant select on app.events to engine_monitor")
    events.apply("convert", MONTHS)
    engine.as_owner(change)
    rows = events.rows()
    with pytest.raises(errors.ObjectNotInPrerequisiteState, match="its definition was changed"):
        events.apply("undo")
    assert (events.record()["state"], events.rows()) == ("kept", rows)
    events.apply("undo", {"discard_changes": True})
    assert events.record()["state"] == "undone"
    assert events.left_over() == []


def test_partitions_that_are_made_while_it_is_kept_are_no_change(events):
    events.apply("convert", MONTHS)
    events.engine.session().execute("call pgops.partition_ensure('app.events', '2031-01-01Z', '2031-02-01Z')")
    events.apply("undo")
    assert events.record()["state"] == "undone"


def test_privileges_and_comments_of_sequences_follow(engine):
    engine.as_owner(
        "create table app.z (id bigint generated by default as identity primary key);"
        "grant usage on sequence app.z_id_seq to engine_monitor with grant option;"
        "comment on sequence app.z_id_seq is 'numbers'; insert into app.z default values"
    )
    engine.session().execute(
        'call pgops.operation_apply(\'app.z\', \'convert\', \'{"by": {"hash": "id", "modulus": 2}, "name": "z{remainder}"}\')'
    )
    found = "select obj_description(oid, 'pg_class'), relacl::text from pg_class where oid = 'app.z_id_seq'::regclass"
    comment, privileges = engine.run(found)[0]
    assert comment == "numbers"
    assert "engine_monitor=U*/engine_owner" in privileges
    assert engine.value("select nextval('app.z_id_seq')") == 2
