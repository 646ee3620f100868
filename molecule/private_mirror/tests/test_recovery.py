"""On the version of the mirror nothing is lost: roles change, subscribers go on, and backups and dumps bring everything back.

The tests build on each other, in order.
"""

from __future__ import annotations

import re
import subprocess
import time

import pytest
from clusters import OPERATIONS, TRANSACTIONS, Cluster, end, eventually_equal

from pgops.local.fleet import MIRROR
from pgops.paths import ROOT

TX, TX_STANDBY = Cluster("db1", 5432, "transactions"), Cluster("db3", 5434, "transactions")
SUBSCRIBER = Cluster("db2", 5432, "transactions")
OP, OP_STANDBY = Cluster("db3", 5432, "operations_db"), Cluster("db3", 5433, "operations_db")
PAGE = (ROOT / "docs/how-to/switch-over-and-fail-over.md").read_text()
MAKE_SLOT, TELL_TRANSACTIONS, DROP_SLOT = re.findall(
    r"```sql\s(.*?)```", PAGE.split("**PostgreSQL 16**", 1)[1].split("\n## ", 1)[0], re.DOTALL
)


@pytest.fixture(scope="module")
def run(play):
    """Run a playbook on the scenario's inventory; returns its output when its status is as expected."""

    def run(playbook, *options, fails=False, **variables):
        status, output = play(playbook, *options, inventory=MIRROR.inventory, **variables)
        assert (status != 0) == fails, output
        return output

    return run


def in_container(machine, command):
    subprocess.run(["docker", "exec", MIRROR.container(MIRROR.host(machine)), "bash", "-c", command], check=True)


def test_a_switchover_of_system_2_loses_nothing(run):
    with OPERATIONS.client(OP, OP_STANDBY) as writer:
        run("switchover", switchover_to="db3b")
    assert (OP.in_recovery, OP_STANDBY.in_recovery) == (True, False)
    result = OPERATIONS.compared(writer, OP_STANDBY)
    assert result["acknowledged"] > 100
    assert (result["missing"], result["doubled"]) == (0, 0)
    eventually_equal(OP, OP_STANDBY, OPERATIONS.content)


def test_a_primary_that_crashed_is_rewound(run):
    """What its standby had not received is counted and taken back; both are equal afterwards."""
    with OPERATIONS.client(OP, OP_STANDBY) as writer:
        OP_STANDBY.query("alter role operations_standby nologin", "postgres")
        OP_STANDBY.query("select pg_terminate_backend(pid) from pg_stat_replication", "postgres")
        time.sleep(2)
        in_container("db3", "systemctl kill --signal=KILL 'postgresql@*-operations_b'")
        run("promote", promote_to="db3", promote_fenced="db3b")
    OP.query("alter role operations_standby login", "postgres")
    result = OPERATIONS.compared(writer, OP)
    assert result["missing"] > 0
    assert result["doubled"] == 0
    output = run("rejoin", rejoin_host="db3b")
    assert re.search(r"[1-9]\d* commits are only on db3b", output), output
    assert "pg_rewind: Done!" in output
    assert (OP.in_recovery, OP_STANDBY.in_recovery) == (False, True)
    eventually_equal(OP, OP_STANDBY, OPERATIONS.content)


def test_a_switchover_waits_for_the_slot_of_a_subscriber(run):
    output = run("switchover", "--check", fails=True, switchover_to="db1b")
    assert "logical slots are not ready on db1b: t1_subscription" in output
    assert not TX.in_recovery


def test_a_subscriber_goes_on_when_its_slot_was_made_as_documented(run):
    """With writers all the time: nothing is missing on either side, nothing comes twice."""
    with TRANSACTIONS.client(TX, TX_STANDBY) as writer:
        waits = TX_STANDBY.begin(MAKE_SLOT)
        while waits.poll() is None:
            TX.query(TELL_TRANSACTIONS)
        assert end(waits)[0].startswith("(t1_subscription,")
        run("switchover", switchover_to="db1b")
    assert (TX.in_recovery, TX_STANDBY.in_recovery) == (True, False)
    TX.query(DROP_SLOT)
    eventually_equal(TX_STANDBY, SUBSCRIBER, TRANSACTIONS.content)
    eventually_equal(TX_STANDBY, TX, TRANSACTIONS.content)
    for cluster in (TX_STANDBY, SUBSCRIBER):
        result = TRANSACTIONS.compared(writer, cluster)
        assert result["acknowledged"] > 100
        assert (result["missing"], result["doubled"]) == (0, 0)
        assert cluster.query("select count(*) from app.totals_drift()") == ["0"]
    slots = "select slot_name, active from pg_replication_slots where slot_type = 'logical'"
    assert TX_STANDBY.query(slots) == ["t1_subscription|t"]
    assert TX.query(slots) == []


def test_a_moment_between_two_transactions(run):
    run("backup", "--limit", "db3")
    OP.query("create table public.proof (n int); insert into public.proof values (1)")
    moment = OP.query("select pg_sleep(1); select clock_timestamp(); select pg_sleep(1)")[1]
    OP.query("insert into public.proof values (2)")
    run("restore", restore_host="db3", restore_target_time=moment)
    restored = Cluster("db3", 5532, "operations_db")
    assert restored.query("select array_agg(n) from public.proof") == ["{1}"]
    assert OP.query("select array_agg(n) from public.proof") == ["{1,2}"]
    assert sorted(restored.query(OPERATIONS.numbers)) == sorted(OP.query(OPERATIONS.numbers))
    in_container("db3", "pg_dropcluster --stop $(ls /etc/postgresql) operations_restored")
    OP.query("drop table public.proof")


def test_drills_of_both_systems_pass(run):
    output = run("drill", drill_host="db1b,db2,db3")
    for name in ("db1b", "db2", "db3"):
        assert re.search(rf"drill of {name}, \S+: PASSED", output), output
    assert len(re.findall(r"[1-9]\d* rows, \d+ sequences in [^;]+; 0 differences", output)) == 3


def test_a_dump_is_loaded_to_the_row(run):
    output = run("dump", dump_host="db1b", dump_database="transactions")
    directory = re.search(r"directory: (\S+)", output)[1]
    run("load", load_host="db1b", load_database="transactions_copy", load_directory=directory)
    copy = Cluster("db3", 5434, "transactions_copy")
    assert sorted(copy.query(TRANSACTIONS.numbers)) == sorted(TX_STANDBY.query(TRANSACTIONS.numbers))
    assert copy.query("select count(*) from app.totals_drift()") == ["0"]
    copy.query("delete from app.t1 where id in (select id from app.t1 order by id limit 5)")
    assert copy.query("select count(*) from app.totals_drift()") == ["0"]
    copy.query("drop database transactions_copy with (force)", "postgres")


def test_a_deploy_finds_nothing_to_change_afterwards(run):
    output = run("../site")
    assert re.search(r"db1b : ok=\d+ ", output), output
    found = [task for task in output.split("TASK ") if re.search(r"changed: \[|changed=[1-9]", task)]
    assert found == []
