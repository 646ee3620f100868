"""What each operation does to tables of every strategy, and what it leaves behind: rows, bounds, a record, nothing else."""

from __future__ import annotations

import json

import pytest
from background import Background
from partition_operations import APRIL, MARCH, ROWS, WEEKS
from psycopg import errors

RANGE_PARTITIONS = ["Feb, 24", "Jan, 24", "Rest"]
SWAPS = {
    "split at bounds": ("range", "split", {"partition": "Feb, 24", "into": WEEKS},
        {"Jan, 24": 770, "feb 1": 174, "feb 2": 174, "feb 3": 174, "feb 4": 198, "Rest": 1510}),
    "split by weeks": ("range", "split", {"partition": "Feb, 24", "every": "week", "name": "{year}w{week}"},
        {"Jan, 24": 770, "2024w05": 174, "2024w06": 174, "2024w07": 174, "2024w08": 173, "2024w09": 25, "Rest": 1510}),
    "split, the rest into the default": ("range", "split", {"partition": "Feb, 24", "into": WEEKS[1:3]},
        {"Jan, 24": 770, "feb 2": 174, "feb 3": 174, "Rest": 1882}),
    "split into the same name": ("range", "split",
        {"partition": "Feb, 24", "into": [WEEKS[0] | {"name": "Feb, 24"}, WEEKS[1] | {"to": "2024-03-01"}]},
        {"Jan, 24": 770, "Feb, 24": 174, "feb 2": 546, "Rest": 1510}),
    "merge": ("range", "merge", {"partitions": ["Feb, 24", "Jan, 24"], "into": "24"}, {"24": 1490, "Rest": 1510}),
    "merge into one of them": ("range", "merge", {"partitions": ["Feb, 24", "Jan, 24"], "into": "Jan, 24"},
        {"Jan, 24": 1490, "Rest": 1510}),
    "drain": ("range", "drain", {"partitions": [MARCH, APRIL]},
        {"Jan, 24": 770, "Feb, 24": 720, "March": 770, "April": 740, "Rest": 0}),
    "add what the default holds": ("range", "add", MARCH, {"Jan, 24": 770, "Feb, 24": 720, "March": 770, "Rest": 740}),
    "split by number": ("number", "split", {"partition": "n2", "every": 250, "name": "n_{from}"},
        {"n1": 1000, "n_1000.00": 250, "n_1250.00": 250, "n_1500.00": 250, "n_1750.00": 250, "n3": 1000}),
    "merge without limits": ("number", "merge", {"partitions": ["n1", "n2", "n3"], "into": "all"}, {"all": 3000}),
    "split an unlimited one": ("number", "split", {"partition": "n3", "into": [
        {"name": "n3", "from": 2000, "to": 2500}, {"name": "n4", "from": 2500}]},
        {"n1": 1000, "n2": 1000, "n3": 500, "n4": 500}),
    "split a list": ("list", "split", {"partition": "eu", "into": [
        {"name": "de", "values": ["de"]}, {"name": "fr it", "values": ["it", "fr"]}]},
        {"de": 500, "fr it": 1000, "us": 500, "others": 1000}),
    "split a list, the rest into the default": ("list", "split", {"partition": "eu", "into": [{"name": "de", "values": ["de"]}]},
        {"de": 500, "us": 500, "others": 2000}),
    "merge lists": ("list", "merge", {"partitions": ["us", "eu"], "into": "west"}, {"west": 2000, "others": 1000}),
    "drain a list": ("list", "drain", {"partitions": [{"name": "asia", "values": ["jp", "cn", "kr"]}]},
        {"eu": 1500, "us": 500, "asia": 1000, "others": 0}),
    "add to a list": ("list", "add", {"name": "jp", "values": ["jp"]}, {"eu": 1500, "us": 500, "jp": 500, "others": 500}),
    "split a remainder": ("hash", "split", {"partition": "p1", "into": [
        {"name": "p1", "modulus": 8, "remainder": 1}, {"name": "p5", "modulus": 8, "remainder": 5}]}, None),
    "merge remainders": ("hash", "merge", {"partitions": ["p0", "p2"], "into": "even"}, None),
    "split a nested partition": ("nested", "split", {"partition": "q1_a", "into": [
        {"name": "q1_a", "values": ["a"]}, {"name": "q1_b", "values": ["b"]}]},
        {"q1_a": 380, "q1_b": 360, "q1_rest": 1080}),
    "drain a nested default": ("nested", "drain", {"partitions": [{"name": "q1_c", "values": ["c"]}]},
        {"q1_a": 740, "q1_c": 360, "q1_rest": 720}),
    "split what is partitioned itself": ("tree", "split", {"partition": "Feb, 24", "into": WEEKS},
        {"Jan, 24": 770, "feb 1": 174, "feb 2": 174, "feb 3": 174, "feb 4": 198, "Rest": 1510}),
    "split what is partitioned itself, the rest into the default": ("tree", "split", {"partition": "Feb, 24", "into": WEEKS[1:3]},
        {"Jan, 24": 770, "feb 2": 174, "feb 3": 174, "Rest": 1882}),
    "split what is partitioned itself into the same name": ("tree", "split",
        {"partition": "Feb, 24", "into": [WEEKS[0] | {"name": "Feb, 24"}, WEEKS[1] | {"to": "2024-03-01"}]},
        {"Jan, 24": 770, "Feb, 24": 174, "feb 2": 546, "Rest": 1510}),
    "merge what is partitioned itself": ("tree", "merge", {"partitions": ["Feb, 24", "Jan, 24"], "into": "24"}, {"24": 1490, "Rest": 1510}),
    "merge what is partitioned itself into one of them": ("tree", "merge", {"partitions": ["Feb, 24", "Jan, 24"], "into": "Jan, 24"},
        {"Jan, 24": 1490, "Rest": 1510}),
    "split by two columns": ("two columns", "split", {"partition": "high", "into": [
        {"name": "h1", "from": [1000, "m"], "to": [1500, "a"]}, {"name": "h2", "from": [1500, "a"], "to": [2000, "m"]}]}, None),
    "merge by two columns": ("two columns", "merge", {"partitions": ["low", "high"], "into": "one"}, None),
    "drain by two columns": ("two columns", "drain", {"partitions": [{"name": "top", "from": [2000, "m"], "to": [2500, "z"]}]}, None),
    "split by an expression": ("expression", "split", {"partition": "a_to_m", "into": [
        {"name": "a_to_d", "from": "a", "to": "d"}, {"name": "d_to_m", "from": "d", "to": "m"}]}, None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "operation", "arguments", "sizes"), SWAPS.values(), ids=SWAPS, indirect=["operations"]
)
def test_every_row_is_where_it_belongs(operations, operation, arguments, sizes):
    before, scans = operations.rows(), operations.engine.run
    operations.apply(operation, arguments)
    assert operations.rows() == before
    assert sizes is None or operations.sizes() == sizes
    assert sum(operations.sizes().values()) == (ROWS if operations.root == operations.top else 1820)
    assert operations.left_over() == []
    record = operations.record()
    assert (record["state"], record["error"]) == ("done", None)
    assert record["row_count"] == record["copied_rows"] > 0
    assert record["finished_at"] - record["started_at"] == record["duration"]
    assert record["longest_wait_ms"] >= record["lock_held_ms"] > 0
    assert record["wal_bytes"] > 0
    # As it was before: rows find their partition, keys are unique, all indexes are there and valid.
    invalid = "select count(*) from pg_index i join pg_inherits h on h.inhparent = i.indexrelid where not i.indisvalid"
    assert scans(invalid) == [(0,)]
    roots = "select count(*) from pg_index where indrelid = %s::regclass"
    on_each = (
        "select count(*) from pg_inherits t join pg_index p on p.indrelid = t.inhparent"
        " left join (pg_inherits h join pg_index i on i.indexrelid = h.inhrelid)"
        " on h.inhparent = p.indexrelid and i.indrelid = t.inhrelid"
        " where t.inhparent = %s::regclass and h.inhrelid is null"
    )
    assert scans(roots, operations.root)[0][0] > 0 or operations.root == "app.words"
    assert scans(on_each, operations.root) == [(0,)]


PLANS = SWAPS | {
    "add": ("range", "add", {"name": "May", "from": "2024-05-02", "to": "2024-06-01"}, None),
    "detach": ("range", "detach", {"partition": "Jan, 24"}, None),
    "archive": ("range", "archive", {"partition": "Jan, 24", "into": "app.kept"}, None),
    "drop": ("range", "drop", {"partition": "Jan, 24", "rows": "discard"}, None),
    "convert": ("range", "convert", {"by": {"range": "at", "every": "week"}, "name": "e_{year}_{week}"}, None),
    "convert into a second table": ("range", "convert",
        {"by": {"range": "at", "every": "week"}, "name": "e_{year}_{week}", "new_name": "second"}, None),
}  # fmt: skip


@pytest.mark.parametrize(
    ("operations", "operation", "arguments", "_"), PLANS.values(), ids=PLANS, indirect=["operations"]
)
def test_every_step_of_a_plan_says_what_it_does(operations, operation, arguments, _):
    plan = operations.plan(operation, arguments)
    assert [step["step"] for step in plan] == list(range(1, len(plan) + 1))
    for step in plan:
        assert all(step[key] for key in ("action", "object_name", "lock_level", "description")), step


DONE = {name: case for name, case in PLANS.items() if case[1] != "convert"}


@pytest.mark.parametrize(
    ("operations", "operation", "arguments", "_"), DONE.values(), ids=DONE, indirect=["operations"]
)
def test_the_call_of_a_client_that_has_lost_the_answer_changes_nothing(operations, operation, arguments, _):
    engine = operations.engine
    operations.apply(operation, arguments)
    before, record = operations.state(), operations.record()
    session, notices = engine.session(), []
    session.add_notice_handler(lambda notice: notices.append(notice.message_primary))
    operations.apply(operation, arguments, session=session)
    said = f"nothing is to be done: operation {record['operation_id']} did it"
    assert notices == [said]
    assert operations.plan(operation, arguments, session=session) == []
    assert notices == [said, said]
    assert (operations.state(), operations.record()) == (before, record)


def test_what_was_done_and_undone_by_another_is_done_again(operations):
    split = {"partition": "Feb, 24", "into": WEEKS}
    operations.apply("split", split)
    operations.apply("merge", {"partitions": [week["name"] for week in WEEKS], "into": "Feb, 24"})
    operations.apply("split", split)
    assert operations.record()["operation"] == "split"
    assert "feb 1" in operations.partitions()
    assert operations.engine.value("select count(*) from pgops.operation") == 3


def test_new_tables_are_like_the_old_ones(operations):
    engine = operations.engine
    engine.as_owner(
        'grant select on app."Feb, 24" to engine_monitor; comment on table app."Feb, 24" is \'what happens\';'
        'alter table app."Feb, 24" set (fillfactor = 55)'
    )
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS})
    assert engine.run(
        "select c.relname, pg_get_userbyid(c.relowner), c.reloptions, obj_description(c.oid),"
        " has_table_privilege('engine_monitor', c.oid, 'select') from pg_class c where c.relname like 'feb%' and c.relkind = 'r' order by 1"
    ) == [(f"feb {n}", "engine_owner", ["fillfactor=55"], "what happens", True) for n in (1, 2, 3, 4)]
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-02-20', 'four')")
    assert engine.run('select id, twice from app."feb 3" where "No,te" = \'four\'') == [(ROWS + 1, 8)]


def test_names_of_indexes_follow_a_table_that_took_a_name_over(operations):
    before = operations.engine.run("select indexname from pg_indexes where tablename = 'Rest' order by 1")
    operations.apply("drain", {"partitions": [MARCH]})
    assert operations.engine.run("select indexname from pg_indexes where tablename = 'Rest' order by 1") == before


def test_an_empty_partition_is_added_without_exchanging_the_default(operations):
    engine = operations.engine
    old = engine.run("select 'app.\"Rest\"'::regclass::oid, pg_relation_filenode('app.\"Rest\"')")
    may = {"name": "May", "from": "2024-05-02", "to": "2024-06-01"}
    assert [step["action"] for step in operations.plan("add", may)] == ["create", "index", "switch"]
    operations.apply("add", may)
    assert operations.record()["method"] == "attach"
    assert engine.run("select 'app.\"Rest\"'::regclass::oid, pg_relation_filenode('app.\"Rest\"')") == old
    engine.run("insert into app.\"Event Log\" (at) values ('2024-05-20')")
    assert operations.sizes()["May"] == 1


@pytest.mark.parametrize("operations", ["hash", "number"], indirect=True)
def test_a_partition_is_added_where_there_is_no_default(operations):
    name, piece = {
        "app.users": ("p3", {"modulus": 4, "remainder": 3}), "app.numbers": ("n3", {"from": 2000, "to": 2500}),
    }[operations.root]  # fmt: skip
    operations.engine.as_owner(f"drop table app.{name}")
    before = operations.rows()
    operations.apply("add", {"name": "new"} | piece)
    assert (operations.record()["method"], operations.record()["state"]) == ("attach", "done")
    assert operations.sizes()["new"] == 0
    assert operations.rows() == before
    assert operations.left_over() == []


def test_a_row_that_comes_before_an_empty_partition_is_added_moves_into_it(operations):
    engine = operations.engine
    may = {"name": "May", "from": "2024-05-02", "to": "2024-06-01"}
    # The operation was designed for an empty one, as in a call that was killed after its first step.
    engine.run("select pgops.start_operation(%s::regclass, 'add', %s, '{}')", operations.root, json.dumps(may))
    engine.run("insert into app.\"Event Log\" (at) values ('2024-05-20')")
    before = operations.rows()
    operations.apply("add", may)
    assert (operations.record()["method"], operations.record()["state"]) == ("swap", "done")
    assert operations.rows() == before
    assert operations.sizes()["May"] == 1


def test_a_large_default_partition_is_not_looked_through_under_the_lock(operations):
    engine = operations.engine
    engine.configure(operation_scan_blocks=0)
    scans = "select seq_scan from pg_stat_user_tables where relid = 'app.\"Rest\"'::regclass"
    operations.apply("split", {"partition": "Feb, 24", "into": WEEKS}, switch="now")
    engine.run("select pg_stat_force_next_flush()")
    before = engine.value(scans)
    operations.apply("merge", {"partitions": ["feb 1", "feb 2", "feb 3", "feb 4"], "into": "Feb, 24"})
    engine.run("select pg_stat_force_next_flush()")
    # One scan validates the CHECK, without keeping anybody out, and the estimate of the plan counts the rows.
    assert engine.value(scans) - before <= 1
    assert operations.left_over() == []


@pytest.mark.parametrize("operations", ["range", "list", "hash"], indirect=True)
def test_detached_partitions_stay_as_tables(operations):
    name = next(iter(operations.sizes()))
    rows, before = operations.sizes()[name], operations.rows()
    operations.apply("detach", {"partition": name})
    assert name not in operations.partitions()
    assert operations.engine.value(f'select count(*) from app."{name}"') == rows
    assert operations.rows()[0] == before[0] - rows
    assert operations.record()["state"] == "done"
    assert operations.left_over() == []


def test_archived_rows_are_kept_with_time_and_reason(operations):
    engine = operations.engine
    engine.run('create table app.kept as select * from app."Jan, 24"')
    operations.apply(
        "archive", {"partition": "Jan, 24", "into": "app.event_archive", "reason": "it's over"}, batch_blocks=1
    )
    assert engine.value("select to_regclass('app.\"Jan, 24\"') is null")
    columns = 'id, at, "No,te", twice'
    assert engine.run(f"select {columns} from app.event_archive except select {columns} from app.kept") == []
    assert engine.run(f"select {columns} from app.kept except select {columns} from app.event_archive") == []
    record = operations.record()
    assert engine.run("select distinct archived_at, archive_reason from app.event_archive") == [
        (record["started_at"], "it's over")
    ]
    assert (record["row_count"], record["copied_rows"], record["state"]) == (770, 770, "done")
    # A second one comes beside it, though it holds the same keys.
    engine.as_owner(
        "create table app.\"Jan, 24\" partition of app.\"Event Log\" for values from ('2024-01-01+00') to ('2024-02-01+00')"
    )
    engine.run('insert into app."Event Log" (id, at) overriding system value select id, at from app.kept')
    operations.apply("archive", {"partition": "Jan, 24", "into": "app.event_archive"})
    assert engine.value("select count(*) from app.event_archive") == 1540
    assert engine.value("select count(*) from app.event_archive where archive_reason is null") == 770
    assert operations.left_over() == []


def test_an_archive_in_a_schema_of_an_odd_name_has_generated_values_too(operations):
    engine = operations.engine
    kinds = ["stored", "virtual"] if engine.server.version >= 18 else ["stored"]
    for kind in kinds:
        engine.as_owner(
            f'alter table app."Event Log" add column "{kind} One" bigint generated always as (id * 2) {kind}'
        )
    engine.run('create schema "Odd ""One""" authorization engine_owner')
    try:
        operations.apply("archive", {"partition": "Jan, 24", "into": '"Odd ""One""".kept'})
        for kind in kinds:
            wrong = f'select count(*) from "Odd ""One""".kept where "{kind} One" is distinct from id * 2'
            assert engine.value(wrong) == 0
        assert engine.value('select count(*) from "Odd ""One""".kept') == 770
    finally:
        engine.run('drop schema "Odd ""One""" cascade')


def test_an_archive_that_lost_rows_keeps_the_partition_from_being_dropped(operations):
    engine = operations.engine
    engine.as_owner(
        'create table app.event_archive (like app."Event Log", archived_at timestamptz, archive_reason text);'
        "create function app.lose() returns trigger language plpgsql as $$ begin"
        # Only when the partition has left: what is tried before is not lost.
        " return case when new.id = 5 and to_regclass('app.\"Jan, 24\"') is null then null else new end; end $$;"
        "create trigger lose before insert on app.event_archive for each row execute function app.lose()"
    )
    with pytest.raises(Exception, match=r"does not hold what .* holds: \(rows, checksum\) are \(769,") as failed:
        operations.apply("archive", {"partition": "Jan, 24", "into": "app.event_archive"})
    assert "operation_resume" in failed.value.diag.message_hint
    assert "operation_cancel" in failed.value.diag.message_hint
    old = engine.value("select (sources #>> '{0,oid}')::oid::regclass::text from pgops.operation")
    assert engine.value(f"select count(*) from {old}") == 770
    assert operations.record()["state"] == "failed"


def test_a_partition_that_has_come_to_the_name_of_one_that_is_being_archived_is_another(operations):
    engine = operations.engine
    engine.as_owner(
        'create table app.event_archive (like app."Event Log", archived_at timestamptz, archive_reason text);'
        "create function app.lose() returns trigger language plpgsql as $$ begin"
        " return case when to_regclass('app.\"Jan, 24\"') is null then null else new end; end $$;"
        "create trigger lose before insert on app.event_archive for each row execute function app.lose()"
    )
    archive = {"partition": "Jan, 24", "into": "app.event_archive"}
    with pytest.raises(Exception, match="does not hold what"):
        operations.apply("archive", archive)
    number = operations.record()["operation_id"]
    engine.as_owner(
        "create table app.\"Jan, 24\" partition of app.\"Event Log\" for values from ('2024-01-01+00') to ('2024-02-01+00')"
    )
    engine.run("insert into app.\"Event Log\" (at) values ('2024-01-05')")
    with pytest.raises(errors.ObjectInUse, match=rf"operation {number} .* is not finished"):
        operations.apply("archive", archive)
    assert operations.sizes()["Jan, 24"] == 1
    engine.as_owner("alter table app.event_archive disable trigger lose")
    # The copy that was lost is made again: the archive has nothing of it.
    engine.run("update pgops.operation set progress = '{}'")
    engine.run(f"call pgops.operation_resume({number})")
    operations.apply("archive", archive)
    assert "Jan, 24" not in operations.sizes()
    assert engine.value("select count(*) from app.event_archive") == 771
    assert engine.run("select operation, state from pgops.operation") == [("archive", "done")] * 2


def test_a_partition_is_dropped_with_its_rows_only_when_told_so(operations):
    before = operations.state()
    with pytest.raises(Exception, match="has rows, and dropping it would lose them"):
        operations.apply("drop", {"partition": "Jan, 24"})
    assert operations.state() == before
    operations.apply("drop", {"partition": "Jan, 24", "rows": "discard"})
    assert set(operations.sizes()) == {"Feb, 24", "Rest"}
    operations.engine.run('delete from app."Feb, 24"')
    operations.apply("drop", {"partition": "Feb, 24"})
    assert set(operations.sizes()) == {"Rest"}
    assert operations.left_over() == []


def test_drain_without_arguments_follows_the_policy(operations):
    operations.engine.set_policy(
        {"by": {"range": "at", "every": "month"}, "name": "e_{year}_{month}"}, table=operations.root, ahead=0
    )
    before = operations.rows()
    operations.apply("drain")
    assert operations.sizes() == {"Jan, 24": 770, "Feb, 24": 720, "e_2024_03": 770, "e_2024_04": 740, "Rest": 0}
    assert operations.rows() == before
    with pytest.raises(Exception, match="no row of the default partition"):
        operations.apply("drain")


@pytest.mark.parametrize("operations", ["list"], indirect=True)
def test_drain_of_a_list_follows_the_policy(operations):
    engine = operations.engine
    engine.run("insert into app.orders values (5000, 'it''s \\ \"odd\", ok', 1), (5001, 'kr', 2)")
    engine.set_policy(
        {
            "by": {"list": "region"}, "default": "others",
            "partitions": [
                {"name": "eu", "values": ["de", "fr", "it"]}, {"name": "us", "values": ["us"]},
                {"name": "asia", "values": ["cn", "jp"]}, {"name": "odd", "values": ["it's \\ \"odd\", ok", None]},
                {"name": "nobody", "values": ["xx"]},
            ],
        },
        table=operations.root,
    )  # fmt: skip
    before = operations.rows()
    operations.apply("drain")
    assert operations.rows() == before
    assert operations.sizes() == {"eu": 1500, "us": 500, "asia": 1000, "odd": 1, "others": 1}
    with pytest.raises(Exception, match="no row of the default partition"):
        operations.apply("drain")


@pytest.mark.parametrize("operations", ["number"], indirect=True)
def test_drain_of_numbers_follows_the_policy(operations):
    engine = operations.engine
    engine.as_owner(
        "alter table app.numbers detach partition app.n3; alter table app.numbers attach partition app.n3 default"
    )
    engine.set_policy({"by": {"range": "n", "every": 600}, "name": "n_{from}", "ahead": 0}, table=operations.root)
    before = operations.rows()
    operations.apply("drain")
    assert operations.rows() == before
    assert operations.sizes() == {"n1": 1000, "n2": 1000, "n3": 0, "n_1800": 400, "n_2400": 600}


@pytest.mark.parametrize("operations", ["nested"], indirect=True)
def test_drain_of_a_nested_table_follows_the_policy_of_its_root(operations):
    engine = operations.engine
    nested = {"by": {"list": "kind"}, "default": "{parent}_rest", "partitions": [
        {"name": "{parent}_a", "values": ["a", "b"]}, {"name": "{parent}_c", "values": ["c"]}]}  # fmt: skip
    engine.set_policy(
        {"by": {"range": "day", "every": "quarter"}, "name": "q_{year}_{quarter}", "ahead": 0, "subpartitions": nested},
        table=operations.top,
    )
    before = operations.rows()
    operations.apply("drain")
    assert operations.rows() == before
    assert operations.sizes() == {"q1_a": 740, "q1_c": 360, "q1_rest": 720}


def test_the_switch_waits_for_the_moment_that_the_operator_chooses(operations):

    engine = operations.engine
    session = engine.session("postgres")
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    for number in range(20):
        engine.run('insert into app."Event Log" (at, "No,te") values (\'2024-03-05\', %s)', f"late {number}")
    engine.wait_for("select replayed_keys >= 20 from pgops.operation")
    assert "March" not in operations.partitions()
    before = operations.rows()
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert operations.rows() == before
    assert operations.sizes()["March"] == 790


def test_truncating_a_source_begins_the_copy_anew(operations):

    engine = operations.engine
    session = engine.session("postgres")
    running = Background(lambda: operations.apply("drain", {"partitions": [MARCH]}, session=session, switch="wait"))
    engine.wait_for("select bool_or(state = 'waiting') from pgops.operation")
    engine.run('truncate app."Event Log"')
    engine.run("insert into app.\"Event Log\" (at, \"No,te\") values ('2024-03-05', 'after'), ('2024-05-05', 'after')")
    engine.run("select pgops.operation_switch(operation_id) from pgops.operation")
    running.finish()
    assert operations.sizes() == {"Jan, 24": 0, "Feb, 24": 0, "March": 1, "Rest": 1}
