"""playbooks/repartition.yml on a table that is written to: its plan, a run that is killed, the chosen moment, the way back."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time

import pytest

from pgops import ansible
from pgops.local.fleet import TEST
from pgops.paths import ROOT

PORT, DATABASE, TABLE = 5434, "partition_lab", '"Odd Shop"."Sales, all"'
ROWS = 60000
SPLIT = {"partition": "All of 2025", "every": "quarter", "name": "sales_{year}_q{quarter}"}
MAKE = f"""
drop schema if exists "Odd Shop" cascade;
create schema "Odd Shop" authorization partition_lab_owner;
set role partition_lab_owner;
create table {TABLE} (id bigint generated always as identity, at timestamptz not null, what text, primary key (id, at))
    partition by range (at);
create table "Odd Shop"."All of 2025" partition of {TABLE} for values from ('2025-01-01+00') to ('2026-01-01+00');
create table "Odd Shop"."Else" partition of {TABLE} default;
insert into {TABLE} (at, what)
select '2025-01-01+00'::timestamptz + i * interval '8 minutes', repeat('x', 100) from generate_series(1, {ROWS}) as i;
"""


@pytest.fixture(scope="module")
def sql(operations):
    def run(text):
        command = f"psql -XAtq -v ON_ERROR_STOP=1 -p {PORT} -d {DATABASE} -f -"
        result = operations.run("su postgres -c %s <<'EOF'\n" + text.replace("%", "%%") + "\nEOF", command)
        assert result.rc == 0, result.stderr
        return result.stdout.splitlines()

    return run


@pytest.fixture(scope="module", autouse=True)
def shop(sql):
    sql(MAKE)
    yield
    sql('drop schema "Odd Shop" cascade')


def variables(operation, arguments, **options):
    return {
        "repartition_host": "lab1",
        "repartition_database": DATABASE,
        "repartition_table": TABLE,
        "repartition_operation": operation,
        "repartition_arguments": arguments,
        "repartition_options": options,
    }


@pytest.fixture
def repartition(play):
    def run(operation, arguments=None, *flags, **options):
        code, output = play("repartition", *flags, **variables(operation, arguments or {}, **options))
        assert code == 0, output
        return output

    return run


@pytest.fixture
def state(sql):
    """Partitions, rows with their checksum, and operations that are not finished."""

    def ask():
        return (
            sql(
                "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid"
                f" where i.inhparent = '{TABLE}'::regclass order by 1"
            ),
            sql(f"select count(*), sum(hashtextextended(t::text, 0)) from {TABLE} as t"),
            sql("select count(*) from pgops.operation where finished_at is null"),
        )

    return ask


def test_check_mode_shows_the_plan_and_changes_nothing(repartition, state):
    before = state()
    output = repartition("split", SPLIT, "--check")
    assert f"split of {TABLE}, in " in output.replace('\\"', '"')
    assert "ACCESS EXCLUSIVE" in output
    assert "sales_2025_q4" in output
    assert state() == before


def test_killed_in_the_middle_the_same_command_goes_on(repartition, sql, state):
    rows = state()[1]
    command = ["pgops", "play", "playbooks/repartition.yml", "--inventory", str(TEST.inventory), "--extra-vars"]
    process = subprocess.Popen(
        [*command, json.dumps(variables("split", SPLIT, batch_blocks=4))],
        cwd=ROOT, env=ansible.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + 120
        begun = f"select count(*) from pgops.operation where relation = '{TABLE}'::regclass"
        while sql(begun) == ["0"] and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    output = repartition("split", SPLIT, batch_blocks=4)
    assert f"done, {ROWS:,} rows" in output or "nothing is to be done" in output
    partitions, rows_after, unfinished = state()
    assert partitions == ["Else", *[f"sales_2025_q{number}" for number in range(1, 5)]]
    assert (rows_after, unfinished) == (rows, ["0"])
    assert sql(f"select count(*) from pgops.operation where relation = '{TABLE}'::regclass") == ["1"]


def test_once_more_it_changes_nothing_and_says_so(repartition, state):
    before = state()
    output = repartition("split", SPLIT, batch_blocks=4)
    assert "nothing is to be done: operation" in output
    assert "changed=0" in output
    assert state() == before


def test_the_moment_is_the_operator_s(repartition, sql, state):
    rows = state()[1]
    merge = {"partitions": ["sales_2025_q1", "sales_2025_q2"], "into": "First half"}
    assert "ready, and kept up to date until it is told to switch" in repartition("merge", merge, switch="wait")
    assert "sales_2025_q1" in state()[0]
    sql(f"update {TABLE} set what = 'written while it waits' where id between 1 and 100")
    assert state()[1] != rows
    rows = state()[1]
    repartition("switch")
    assert state() == (["Else", "First half", "sales_2025_q3", "sales_2025_q4"], rows, ["0"])


def test_what_waits_can_be_taken_back(repartition, sql, state):
    before = state()
    halves = {"partition": "sales_2025_q3", "every": "month", "name": "sales_{year}_{month}"}
    repartition("split", halves, switch="wait")
    assert state()[2] == ["1"]
    repartition("cancel")
    assert state() == before
    assert sql("select state from pgops.operation order by operation_id desc limit 1") == ["cancelled"]
    assert sql("select relname from pg_class where relname like 'pgops_operation%' and relkind in ('r', 'p')") == []


def test_a_mistake_is_told_before_anything_is_done(play, state):
    before = state()
    code, output = play("repartition", **variables("split", SPLIT | {"evrey": "day"}))
    assert code != 0
    assert 'arguments of split have "evrey"; accepted' in output.replace('\\"', '"')
    assert state() == before
