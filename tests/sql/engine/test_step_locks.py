"""Each step of a plan locks the tables that the plan names, no other, and all of them before it changes anything."""

from __future__ import annotations

import re
import time

import pytest
from background import Background
from lock_witness import LEVELS, WITNESS, level_of, tables
from psycopg import errors

NOW = "2026-11-21 12:00+00"
# Steps of a policy show their locks when they are logged, which is the last that they do.
STEP_WITNESS = """
create function app.witness_step() returns trigger language plpgsql as $$
begin
    insert into app.witnessed select new.message, l.relation, l.mode from pg_locks as l
    where l.pid = pg_backend_pid() and l.locktype = 'relation' and l.granted;
    return new;
end $$;
create trigger witness_step before insert on pgops.event for each row when (new.source = 'partitions')
execute function app.witness_step();
"""
KEY_TO_ANOTHER = """
create table app.kinds (note text primary key);
insert into app.kinds values ('a'), ('b');
alter table app.t1 add foreign key (note) references app.kinds;
"""
KEY_FROM_ANOTHER = "create table app.comments (id bigint, date timestamptz, foreign key (id, date) references app.t1);"
KEYS = {
    "no key": "",
    "a key to another table": KEY_TO_ANOTHER,
    "a key from another table": KEY_FROM_ANOTHER,
    "keys both ways": KEY_TO_ANOTHER + KEY_FROM_ANOTHER,
    "keys both ways, all tables partitioned": """
        create table app.kinds (note text primary key) partition by list (note);
        create table app.kinds_a partition of app.kinds for values in ('a');
        create table app.kinds_rest partition of app.kinds default;
        insert into app.kinds values ('a'), ('b');
        alter table app.t1 add foreign key (note) references app.kinds;
        create table app.comments (id bigint, date timestamptz, foreign key (id, date) references app.t1) partition by hash (id);
        create table app.comments_0 partition of app.comments for values with (modulus 2, remainder 0);
        create table app.comments_1 partition of app.comments for values with (modulus 2, remainder 1);
    """,
    "a key to itself": """
        alter table app.t1 add before_id bigint, add before_date timestamptz;
        alter table app.t1 add foreign key (before_id, before_date) references app.t1;
    """,
}
# The two directions by themselves say in detail what both together say at large.
CASES = [
    pytest.param(keys, marks=[pytest.mark.long] if keys.startswith("a key to an") or "from" in keys else [])
    for keys in KEYS
]
REFERRED_TO = [name for name, commands in KEYS.items() if "references app.t1" in commands]
NESTED = {
    "by": {"list": "note"}, "partitions": [{"name": "{parent}_a", "values": ["a"]}], "default": "{parent}_rest",
}  # fmt: skip


def named(engine, step: dict, earlier: list[dict]) -> dict[str, str]:
    """The strongest lock on each table that a step of a plan names, when earlier steps are done."""
    strongest: dict[str, str] = {}
    pattern = r"\b([A-Z]+(?: [A-Z]+)*) on (app\.\w+)( with its partitions)?"
    for level, name, deep in re.findall(pattern, step["lock_level"]):
        tree = {name}
        if deep:
            tree |= {table for (table,) in engine.run("select relid::regclass::text from pg_partition_tree(%s)", name)}
            tree.update(*(new_tables(before) for before in earlier if before["parent_name"] in tree))
        for table in tree:
            strongest[table] = max(level, strongest.get(table, level), key=LEVELS.index)
    return strongest


def new_tables(step: dict) -> set[str]:
    if not step["operation"].startswith("create"):
        return set()
    return {step["partition_name"]} | {piece["partition_name"] for piece in step["subpartitions"] or []}


def taken(engine, names: dict[int, str], phases: list[str]) -> dict[str, str]:
    strongest: dict[str, str] = {}
    for oid, mode in engine.run("select relation, mode from app.witnessed where phase = any(%s)", phases):
        level, name = level_of(mode), names.get(oid)
        # Reading needs the two weakest.
        if name is not None and level not in LEVELS[:2]:
            strongest[name] = max(level, strongest.get(name, level), key=LEVELS.index)
    return strongest


def apply_and_compare(engine, as_of: str) -> list[str]:
    """Apply the policy and compare, step by step, what the plan says with what is taken; the operations of the plan."""
    names = tables(engine)
    plan = engine.plan(as_of=as_of)
    words = {
        f"{step['operation']} {step['partition_name']}": named(engine, step, plan[:number])
        for number, step in enumerate(plan)
    }
    engine.run("truncate app.witnessed")
    engine.apply(as_of, session=engine.session())
    names |= tables(engine)
    operation_phases = [phase for (phase,) in engine.run("select distinct phase from app.witnessed")]
    for step in (step for step in plan if step["operation"] != "blocked"):
        message = f"{step['operation']} {step['partition_name']}"
        phases = [message] if step["operation"] != "archive" else [p for p in operation_phases if " " not in p]
        locks = {
            name: level
            for name, level in taken(engine, names, phases).items()
            if name not in new_tables(step) | {"app.witnessed", "app.kept"}
        }
        assert locks == words[message], message
        assert locks, message
    return [step["operation"] for step in plan]


@pytest.fixture
def table(engine):
    engine.table()
    engine.run(WITNESS)
    engine.run(STEP_WITNESS)
    engine.run("grant truncate on app.witnessed to engine_owner")
    return engine


@pytest.mark.parametrize("keys", CASES)
def test_the_plan_names_the_locks_of_each_step(table, keys):
    table.as_owner(KEYS[keys])
    table.set_policy(ahead=0, default=False)
    assert apply_and_compare(table, NOW) == ["create"]
    table.set_policy(ahead=1)
    assert apply_and_compare(table, NOW) == ["create_default", "create"]
    if keys not in REFERRED_TO:
        table.run("insert into app.t1 values ('2026-03-05+00', 1, 'a'), ('2026-11-05+00', 2, 'b')")
        assert apply_and_compare(table, NOW) == ["create_from_default"]
    table.ensure("2026-01-01+00", "2026-03-01+00")
    table.set_policy(ahead=1, retention={"keep": "9 months", "then": "detach"})
    assert apply_and_compare(table, NOW) == ["detach"]
    table.set_policy(ahead=1, retention={"keep": "8 months", "then": "drop"})
    assert apply_and_compare(table, NOW) == ["drop"]


# What an operation does not do with a key to itself, nor with one from a partitioned table before PostgreSQL 18.
@pytest.mark.long_when_repeated
@pytest.mark.parametrize("keys", CASES[:4])
def test_the_plan_names_the_locks_of_archiving(table, keys):
    table.as_owner(KEYS[keys])
    table.set_policy(ahead=0)
    table.apply(NOW)
    table.run("insert into app.t1 values ('2026-11-05+00', 2, 'b')")
    table.set_policy(ahead=0, behind=0, retention={"keep": "1 month", "then": "archive", "into": "app.kept"})
    assert apply_and_compare(table, "2027-01-02+00") == ["create", "archive"]


@pytest.mark.long_when_repeated
@pytest.mark.parametrize("keys", CASES)
def test_the_plan_names_the_locks_of_an_interrupted_detach(table, keys):
    table.as_owner(KEYS[keys])
    table.set_policy(ahead=1, default=False)
    table.apply(NOW)
    reader, detacher = table.session("postgres", autocommit=False), table.session("postgres")
    reader.execute("select * from app.t1").fetchall()
    detacher.execute("set lock_timeout = '100ms'")
    with pytest.raises((errors.LockNotAvailable, errors.QueryCanceled)):
        detacher.execute("alter table app.t1 detach partition app.t1_2026_12 concurrently")
    reader.rollback()
    assert apply_and_compare(table, NOW) == ["finalize_detach"]


@pytest.mark.long_when_repeated
@pytest.mark.parametrize("keys", CASES)
def test_the_plan_names_the_locks_of_nested_steps(engine, keys):
    engine.as_owner(
        "create table app.t1 (date timestamptz not null, id bigint not null, note text not null) partition by range (date)"
    )
    # A key from another table needs a unique constraint, which has the keys of both levels.
    engine.as_owner("alter table app.t1 add primary key (id, date, note)")
    commands = KEYS[keys].replace("(id bigint, date timestamptz", "(id bigint, date timestamptz, note text")
    commands = commands.replace("(id, date)", "(id, date, note)").replace(
        "(before_id, before_date)", "(before_id, before_date, note)"
    )
    engine.as_owner(commands)
    engine.run(WITNESS)
    engine.run(STEP_WITNESS)
    engine.set_policy(ahead=1, subpartitions=NESTED)
    assert apply_and_compare(engine, NOW) == ["create_default", "create", "create"]
    more = NESTED | {"partitions": [*NESTED["partitions"], {"name": "{parent}_b", "values": ["b"]}]}
    engine.set_policy(ahead=1, subpartitions=more)
    if keys not in REFERRED_TO:
        engine.run("insert into app.t1 values ('2026-11-05+00', 2, 'b')")
        assert apply_and_compare(engine, NOW) == ["create_from_default", "create"]
    else:
        assert apply_and_compare(engine, NOW) == ["create", "create"]
    engine.set_policy(ahead=0, subpartitions=more, retention={"keep": "1 month", "then": "detach"})
    assert apply_and_compare(engine, "2027-01-02+00") == ["create", "detach"]
    engine.set_policy(ahead=0, subpartitions=more, retention={"keep": "1 month", "then": "drop"})
    assert apply_and_compare(engine, "2027-02-02+00") == ["create", "drop"]


@pytest.mark.long_when_repeated
@pytest.mark.parametrize("then", ["detach", "drop"])
def test_a_key_made_by_hand_on_the_partition_alone(table, then):
    table.as_owner("create table app.kinds (note text primary key)")
    table.set_policy(ahead=0, default=False)
    table.apply(NOW)
    table.as_owner("alter table app.t1_2026_11 add foreign key (note) references app.kinds")
    table.set_policy(ahead=0, default=False, retention={"keep": "1 month", "then": then})
    assert apply_and_compare(table, "2027-01-02+00") == ["create", then]


def test_the_default_partition_that_the_same_plan_makes(table):
    table.set_policy(ahead=0, default=False)
    table.apply(NOW)
    table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
    assert apply_and_compare(table, "2027-01-02+00") == ["create_default", "create", "drop"]


def test_a_default_partition_that_cannot_be_made_is_not_locked(table):
    table.as_owner("create table app.t1_default (n int)")
    table.set_policy(ahead=1)
    assert apply_and_compare(table, NOW) == ["blocked", "create", "create"]


@pytest.fixture
def held(table):
    """Tables whose keys lead to and from app.t1, rows to be moved and rows to be dropped, and who holds the tables."""
    table.as_owner(KEY_TO_ANOTHER)
    table.set_policy(ahead=0)
    table.apply(NOW)
    table.run("insert into app.t1 values ('2026-12-05+00', 1, 'a')")
    return table


COMMANDS = """
create function app.tell() returns event_trigger language plpgsql as $$ begin raise notice 'begins %', tg_tag; end $$;
create event trigger tell on ddl_command_start execute function app.tell();
"""


@pytest.mark.long_when_repeated
@pytest.mark.parametrize("then", [None, "detach", "drop"])
def test_nothing_is_changed_before_all_locks_are_there(held, then):
    """Who waits for a table of a foreign key has not moved a row yet, nor detached anything."""
    if then:
        held.run("delete from app.t1")
        held.set_policy(ahead=0, behind=0, default="t1_default", retention={"keep": "1 month", "then": then})
    as_of = "2027-01-02+00" if then else "2026-12-21+00"
    if then:
        held.ensure("2026-12-01+00", "2027-02-01+00")
    holder, applier = held.session("postgres", autocommit=False), held.session()
    holder.execute("delete from app.kinds where note = 'none'")
    begun: list[str] = []
    applier.add_notice_handler(lambda notice: begun.append(notice.message_primary))
    held.run(COMMANDS)
    try:
        with pytest.raises(errors.RaiseException, match=rf"held by process {holder.info.backend_pid} \(postgres"):
            held.apply(as_of, session=applier)
        assert {command for command in begun if command.startswith("begins")} <= {"begins CREATE TABLE"}
        assert begun.count("begins CREATE TABLE") in ((0,) if then else (4,))
    finally:
        held.run("drop event trigger tell")
    holder.rollback()
    held.apply(as_of, session=applier)
    assert held.plan(as_of=as_of) == []


def test_what_locks_have_taken_of_the_time_is_not_there_for_later_commands(table):
    table.configure(lock_timeout=900)
    table.as_owner(
        "create table app.seen (ms int);"
        "create function app.attached(partition regclass) returns void language sql begin atomic"
        " insert into app.seen select extract(milliseconds from pg_catalog.current_setting('lock_timeout')::interval); end"
    )
    table.set_policy(ahead=0, default=False, hooks={"attached": "app.attached"})
    holder, applier = table.session("postgres", autocommit=False), table.session()
    holder.execute("lock table app.t1 in share mode")
    running = Background(lambda: table.apply(NOW, session=applier))
    table.wait_for("select exists (select from pg_locks where pid = %s and not granted)", applier.info.backend_pid)
    time.sleep(0.2)
    holder.rollback()
    running.finish()
    assert table.value("select max(ms) from app.seen") <= 720


def test_a_table_of_somebody_else_that_a_key_leads_to(table):
    """Nobody may LOCK it as owner of the partitioned table; the step needs no such right, and waits no longer for it."""
    table.run("create table app.kinds (note text primary key); grant references on app.kinds to engine_owner")
    table.as_owner("alter table app.t1 add foreign key (note) references app.kinds")
    table.set_policy(ahead=1)
    assert apply_and_compare(table, NOW) == ["create_default", "create", "create"]
    table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
    holder = table.session("postgres", autocommit=False)
    holder.execute("delete from app.kinds")
    before = table.partitions()
    with pytest.raises(errors.RaiseException, match=f"lock timeout; locks held by process {holder.info.backend_pid}"):
        table.apply("2027-01-02+00")
    assert table.partitions() == before
    holder.rollback()
    assert apply_and_compare(table, "2027-01-02+00") == ["create", "drop"]


def test_a_foreign_table_goes_like_others(table):
    table.run("create foreign data wrapper elsewhere; create server elsewhere foreign data wrapper elsewhere")
    table.run("grant usage on foreign server elsewhere to engine_owner")
    try:
        table.as_owner(
            "alter table app.t1 drop constraint t1_pkey;"
            "create foreign table app.far partition of app.t1 for values from ('2026-01-01+00') to ('2026-02-01+00') server elsewhere"
        )
        table.set_policy(ahead=0, retention={"keep": "1 month", "then": "drop"})
        table.apply(NOW)
        assert table.value("select to_regclass('app.far') is null")
        (details,) = table.run("select details from pgops.event where message = 'drop app.far'")[0]
        assert details["row_count_problem"] == "foreign tables are not counted"
    finally:
        table.run("drop foreign data wrapper elsewhere cascade")
