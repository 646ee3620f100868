"""Rows of the default partition: they move when a partition is made for them, and none is lost, doubled or changed."""

from __future__ import annotations

import pytest
from background import Background
from psycopg import errors

NOW = "2026-11-21 12:00+00"


@pytest.fixture
def table(engine):
    engine.table()
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    return engine


def test_rows_move_into_partitions_made_for_them(table):
    table.run(
        "insert into app.t1 select m, row_number() over (), 'n' || m"
        " from generate_series('2026-08-15+00', '2027-02-10+00', interval '7 hours') as m"
    )
    before = table.rows()
    in_default = table.rows_by_partition()["t1_default"]
    plan = [step for step in table.plan(as_of=NOW) if step["operation"] == "create_from_default"]
    assert sum(step["row_count"] for step in plan) == in_default > 400
    table.apply(NOW)
    assert table.rows() == before
    by_partition = table.rows_by_partition()
    assert "t1_default" not in by_partition
    assert {f"app.{name}": number for name, number in by_partition.items() if name != "t1_2026_11"} == {
        step["partition_name"]: step["row_count"] for step in plan
    }
    moved = table.value("select sum((details ->> 'row_count')::int) from pgops.event")
    assert moved == in_default
    assert table.events("warning") == []
    assert table.plan(as_of=NOW) == []


def test_a_coming_month_takes_its_rows_along(table):
    table.run("insert into app.t1 values ('2026-12-31 23:59:59.999999+00', 1), ('2027-01-01 00:00+00', 2)")
    before = table.rows()
    table.apply("2026-12-01 00:00+00")
    assert table.rows() == before
    assert table.rows_by_partition() == {"t1_2026_12": 1, "t1_2027_01": 1}


def test_rows_without_a_finite_date_stay_and_somebody_is_told(engine):
    engine.as_owner("create table app.t1 (date timestamptz, id int) partition by range (date)")
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.run(
        "insert into app.t1 values (null, 1), ('infinity', 2), ('-infinity', 3), ('2026-10-01+00', 4),"
        " ('9999-06-01+00', 5), ('0044-03-15 BC', 6)"
    )
    engine.apply(NOW)
    assert engine.rows_by_partition() == {"t1_2026_10": 1, "t1_default": 5}
    (warning,) = engine.events("warning")
    assert warning == "5 rows lie in the default partition app.t1_default, from -infinity to infinity"
    assert engine.value("select default_has_rows from pgops.partition_status") is True
    engine.run("delete from app.t1_default")
    assert engine.value("select default_has_rows from pgops.partition_status") is False


def test_rows_past_retention_stay(engine):
    engine.table()
    engine.set_policy(ahead=0, retention={"keep": "3 months", "then": "drop"})
    engine.apply(NOW)
    engine.run("insert into app.t1 values ('2026-07-31+00', 1), ('2026-08-01+00', 2), ('2026-09-01+00', 3)")
    engine.apply(NOW)
    assert engine.rows_by_partition() == {"t1_2026_08": 1, "t1_2026_09": 1, "t1_default": 1}


def test_many_odd_dates_make_a_bounded_number_of_partitions_a_run(table):
    table.run(
        "insert into app.t1 select '2030-01-15+00'::timestamptz + i * interval '1 year', i from generate_series(0, 29) i"
    )
    before = table.rows()
    table.apply(NOW)
    assert table.rows_by_partition()["t1_default"] == 6
    table.apply(NOW)
    assert table.rows() == before
    assert "t1_default" not in table.rows_by_partition()


def test_many_rows(table):
    table.run(
        "insert into app.t1 select '2026-09-01+00'::timestamptz + i * interval '10 s', i, repeat('x', 50)"
        " from generate_series(1, 100000) i"
    )
    before = table.rows()
    table.apply(NOW)
    assert table.rows() == before
    assert table.rows_by_partition() == {"t1_2026_09": 100000}


def test_generated_and_identity_columns_keep_their_values(engine):
    engine.as_owner(
        "create table app.t1 (date date, id bigint generated always as identity, dropped int, n int,"
        " twice bigint generated always as (n * 2) stored, \"Odd name\" text default 'd') partition by range (date);"
        "alter table app.t1 drop column dropped"
    )
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.run("insert into app.t1 (date, n) select '2026-06-01'::date + i, i from generate_series(1, 90) i")
    before = engine.rows()
    engine.apply(NOW)
    assert engine.rows() == before
    assert engine.rows_by_partition() == {"t1_2026_06": 29, "t1_2026_07": 31, "t1_2026_08": 30}
    engine.run("insert into app.t1 (date, n) values ('2026-06-03', 1)")
    assert engine.value("select max(id) from app.t1") == 91


def test_triggers_of_the_table_do_not_notice_a_move(engine):
    engine.table()
    engine.as_owner(
        "create table app.seen (what text);"
        "create function app.note() returns trigger language plpgsql as"
        " $$ begin insert into app.seen values (tg_op || ' ' || tg_name); return coalesce(new, old); end $$;"
        "create trigger by_row before insert or delete on app.t1 for each row execute function app.note();"
        "create constraint trigger deferred after insert or delete on app.t1 deferrable initially deferred"
        " for each row execute function app.note()"
    )
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.as_owner(
        "create trigger by_statement after insert or delete on app.t1_default for each statement execute function app.note();"
        "create trigger always_on after delete on app.t1_default for each row execute function app.note();"
        "alter table app.t1_default enable always trigger always_on;"
        "create trigger switched_off after delete on app.t1_default for each row execute function app.note();"
        "alter table app.t1_default disable trigger switched_off"
    )
    states = "select tgname, tgenabled from pg_trigger where tgrelid = 'app.t1_default'::regclass order by 1"
    enabled = engine.run(states)
    engine.run("insert into app.t1 values ('2026-10-10', 1)")
    engine.run("truncate app.seen")
    engine.apply(NOW)
    assert engine.rows_by_partition() == {"t1_2026_10": 1}
    assert engine.run("select * from app.seen") == []
    assert engine.run(states) == enabled
    engine.run("delete from app.t1")
    assert engine.run("select what from app.seen order by 1") == [("DELETE by_row",), ("DELETE deferred",)]


def test_event_triggers_see_that_rows_move(table):
    table.run(
        """
        create function app.note() returns event_trigger language plpgsql security definer as $$
        begin
            insert into app.seen values (tg_tag, coalesce(current_setting('pgops.moving_rows', true), ''),
                (select count(*) from app.t1));
        end $$;
        create table app.seen (tag text, moving text, visible_rows bigint);
        create event trigger note on ddl_command_end when tag in ('ALTER TABLE') execute function app.note()
        """
    )
    table.run("insert into app.t1 values ('2026-10-10', 1)")
    table.apply(NOW)
    table.run("drop event trigger note")
    # The attach happens between the two halves of the move, with an empty partition.
    assert ("ALTER TABLE", "", 0) in table.run("select * from app.seen")
    assert table.value("select coalesce(current_setting('pgops.moving_rows', true), '')") == ""


def test_hooks_are_called_with_what_they_need(engine):
    engine.table()
    engine.as_owner(
        "create table app.calls (n int generated always as identity, hook text, partition text, number int, caller text);"
        "create function app.attached(partition regclass) returns void language plpgsql as $$ declare number int; begin"
        "  execute format('select count(*) from %s', partition) into number;"
        "  insert into app.calls (hook, partition, number, caller) values ('attached', partition, number, current_user); end $$;"
        "create function app.moved(source regclass, target regclass) returns void language plpgsql as $$"
        " declare number int; begin"
        "  execute format('select count(*) from %s', target) into number;"
        "  insert into app.calls (hook, partition, number, caller) values ('moved ' || source, target, number, current_user);"
        " end $$;"
        "create function app.detaching(partition regclass) returns void language plpgsql as $$ declare number int; begin"
        "  select count(*) into number from app.t1 where tableoid = partition;"
        "  insert into app.calls (hook, partition, number, caller) values ('detaching', partition, number, current_user); end $$"
    )
    hooks = {"attached": "app.attached", "moved": "app.moved", "detaching": 'app."detaching"'}
    engine.set_policy(ahead=0, hooks=hooks, retention={"keep": "1 month", "then": "detach"})
    engine.apply(NOW)
    engine.run("insert into app.t1 values ('2026-10-25+00', 1)")
    engine.apply(NOW)
    engine.apply("2026-12-05 00:00+00")
    assert engine.run("select hook, partition, number, caller from app.calls order by n") == [
        ("attached", "app.t1_default", 0, "engine_owner"),
        ("attached", "app.t1_2026_11", 0, "engine_owner"),
        ("attached", "app.t1_2026_10", 0, "engine_owner"),
        ("moved app.t1_default", "app.t1_2026_10", 1, "engine_owner"),
        ("attached", "app.t1_2026_12", 0, "engine_owner"),
        ("detaching", "app.t1_2026_10", 1, "engine_owner"),
    ]


def test_a_table_that_others_refer_to_keeps_its_rows(table):
    table.as_owner(
        "create table app.child (id bigint, date timestamptz,"
        " foreign key (id, date) references app.t1 (id, date) on delete cascade)"
    )
    table.run("insert into app.t1 values ('2026-10-10+00', 1); insert into app.child values (1, '2026-10-10+00')")
    with pytest.raises(
        errors.RaiseException, match=r'foreign key "child_id_date_fkey" of app\.child refers to app\.t1'
    ):
        table.apply(NOW)
    assert table.rows_by_partition() == {"t1_default": 1}
    assert table.value("select count(*) from app.child") == 1


def test_rows_hidden_from_the_owner_are_an_error_not_a_loss(table):
    table.run("insert into app.t1 values ('2026-10-10+00', 1), ('2026-10-11+00', 2)")
    table.as_owner(
        "alter table app.t1_default enable row level security; alter table app.t1_default force row level security;"
        "create policy none on app.t1_default using (false)"
    )
    with pytest.raises(errors.InsufficientPrivilege, match="row-level security policy"):
        table.plan(as_of=NOW)
    with pytest.raises(errors.Error, match="row-level security policy"):
        table.apply(NOW)
    assert table.rows_by_partition() == {"t1_default": 2}


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read", "serializable"])
def test_rows_that_come_while_the_step_waits_are_moved_too(table, isolation):
    """Also where the session's isolation level would look at the table as it was before the wait."""
    table.configure(lock_tries=1000, lock_timeout=900)
    writer, applier = table.session("postgres", autocommit=False), table.session("postgres")
    writer.execute("insert into app.t1 values ('2026-12-24+00', 1)")
    applier.execute(f"set default_transaction_isolation = '{isolation}'")
    background = Background(lambda: table.apply("2026-12-01+00", session=applier))
    table.wait_for("select exists (select from pg_locks where pid = %s and not granted)", applier.info.backend_pid)
    writer.commit()
    background.finish()
    assert table.rows_by_partition() == {"t1_2026_12": 1}


def test_deferred_foreign_keys_do_not_stand_in_the_way(engine):
    """Their checks would be pending when the triggers are enabled again."""
    engine.as_owner(
        "create table app.client (id int primary key);"
        "create table app.t1 (date date, client int references app.client deferrable initially deferred)"
        " partition by range (date);"
        "create function app.nothing() returns trigger language plpgsql as $$ begin return new; end $$;"
        "create trigger nothing before insert on app.t1 for each row execute function app.nothing()"
    )
    engine.set_policy(ahead=0)
    engine.apply(NOW)
    engine.run("insert into app.client values (1); insert into app.t1 values ('2026-10-10', 1)")
    engine.apply(NOW)
    assert engine.rows_by_partition() == {"t1_2026_10": 1}
