"""Switchover and failover under a client that counts its acknowledged commits. The tests build on each other, in order."""

from __future__ import annotations

import re
import shutil
import time

import pytest
from members import TABLE, THROUGH, Client, Member


def through_pooler(member: Member, pooler: str) -> Client:
    """A client that knows the pooler only."""
    return Client(
        member,
        table=THROUGH,
        pooler=pooler,
        insert=f"insert into {THROUGH} (number) values (%s)",
        highest=f"select coalesce(max(number), 0) from {THROUGH}",
    )


def runs_of_the_job(member: Member) -> int:
    return int(member.query("select count(*) from cron.job_run_details where status = 'succeeded'")[0])


def test_the_connection_is_encrypted_and_its_password_is_in_no_setting(first, second):
    (row,) = first.query(
        "select r.usename, s.version from pg_stat_replication r join pg_stat_ssl s using (pid)", "postgres"
    )
    assert row.startswith("pair_standby|TLSv1.")
    conninfo = second.query("show primary_conninfo", "postgres")[0]
    assert "sslmode=verify-full" in conninfo
    assert "password" not in conninfo
    assert "primary_conninfo" not in second.run("cat /var/lib/postgresql/*/pair/postgresql.auto.conf")


def test_switchover_loses_nothing(pair, first, second, pooler):
    """A client that knows both members, and one that knows the pooler only."""
    with Client(first, second) as client, through_pooler(first, pooler) as pooled:
        run = pair.play("playbooks/switchover.yml", switchover_to="pair2")
    assert run.status == 0, run.output
    assert (first.in_recovery, second.in_recovery) == (True, False)
    for each in (client, pooled):
        result = each.compared(second)
        assert (result["missing"], result["doubled"]) == (0, 0)
        assert max(each.writer.acknowledged.values()) > each.writer.gap_began_at + 1  # went on after it
    assert client.writer.longest_gap_seconds < 30


def test_jobs_run_once_and_on_the_new_primary(first, second):
    before = runs_of_the_job(second)
    second.run("sleep 5")
    assert 2 <= runs_of_the_job(second) - before <= 8  # once a second, and not by both servers
    assert runs_of_the_job(first) <= runs_of_the_job(second)  # what a standby has is the primary's own record


def test_a_deploy_after_it_changes_nothing(pair, first, second):
    pair.assert_nothing_changes()
    again = pair.play("playbooks/switchover.yml", switchover_to="pair2")
    assert (again.status, again.changes) == (0, {})
    assert "pair2 is the primary already" in again.words


def test_a_rolling_restart_loses_nothing(pair, first, second):
    """Of both, the standby first; the client goes on with the same server."""
    started = [member.query("select pg_postmaster_start_time()", "postgres")[0] for member in (first, second)]
    limit = "--limit=pair1,pair2"
    nothing = pair.play("playbooks/restart.yml", limit)
    assert (nothing.status, nothing.changes) == (0, {}), nothing.output
    assert "nothing waits for a restart" in nothing.words
    with Client(first, second) as client:
        run = pair.play("playbooks/restart.yml", limit, restart_always=True)
    assert run.status == 0, run.output
    again = [member.query("select pg_postmaster_start_time()", "postgres")[0] for member in (first, second)]
    assert again[0] > started[0] and again[1] > started[1]
    result = client.compared(second)
    assert (result["missing"], result["doubled"]) == (0, 0)
    words = run.words
    assert words.index("pair1: a restart") < words.index("pair2: a restart")
    assert (first.in_recovery, second.in_recovery) == (True, False)


def test_promotion_is_refused_while_the_primary_answers(pair, first, second):
    run = pair.play("playbooks/promote.yml", promote_to="pair1")
    assert run.status != 0
    assert "pair2 still answers: its server runs" in run.words
    assert first.in_recovery


def test_asynchronous_failover_loses_at_most_what_is_reported(pair, first, second):
    """The standby is cut off for two seconds before the primary is lost, so that there is something to lose."""
    with Client(first, second) as client:
        second.query("alter role pair_standby nologin", "postgres")
        second.query("select pg_terminate_backend(pid) from pg_stat_replication", "postgres")
        time.sleep(2)
        second.kill()
        run = pair.play("playbooks/promote.yml", promote_to="pair1")
    assert run.status == 0, run.output
    first.query("alter role pair_standby login", "postgres")
    result = client.compared(first)
    assert result["doubled"] == 0
    assert result["missing"] > 0
    reported = re.search(r"The last commit that it has (?:replayed )?was made at '?([0-9-]+ [0-9:.]+\+00)", run.words)
    assert reported, run.words
    (last_commit,) = first.query(f"select extract(epoch from '{reported[1]}'::timestamptz)", "postgres")
    assert all(at >= float(last_commit) - 0.05 for at in result["missing_acknowledged_at"])


def test_the_pooler_leads_to_the_new_primary(first, pooler):
    with through_pooler(first, pooler) as pooled:
        pass
    assert len(pooled.writer.acknowledged) > 0
    result = pooled.compared(first)
    assert (result["missing"], result["doubled"]) == (0, 0)


def test_the_old_primary_does_not_come_up_beside_the_new_one(pair, first, second):
    second.come_back()
    assert not second.is_active
    assert "not started: pair1 is the primary on timeline" in second.run(f"journalctl -u {second.service}")
    refused = pair.play("playbooks/start.yml", "--limit=pair1,pair2")
    assert refused.status != 0
    assert "rejoin_host=pair2" in refused.words
    assert not second.is_active


def test_it_stays_down_when_both_machines_boot_at_once(first, second):
    """Neither server answers then, as each waits for the other's."""
    for member in (first, second):
        member.kill()
    second.begin_to_boot()
    first.come_back()
    second.come_back()
    assert first.is_active
    assert not second.is_active
    assert first.in_recovery is False


def test_the_old_primary_is_brought_back(pair, first, second):
    refused = pair.deploy()
    assert refused.status != 0
    assert "pair2 is a former primary" in refused.words
    run = pair.play("playbooks/rejoin.yml", rejoin_host="pair2")
    assert run.status == 0, run.output
    only_there = re.search(r"(\d+) commits are only on pair2", run.words)
    assert only_there
    assert int(only_there[1]) > 0
    assert second.in_recovery
    again = pair.play("playbooks/rejoin.yml", rejoin_host="pair2")
    assert (again.status, again.changes) == (0, {})
    pair.assert_nothing_changes()


def test_synchronous_failover_loses_nothing(pair, first, second):
    run = pair.deploy(standby_synchronous=True)
    assert run.status == 0, run.output
    assert first.query("show synchronous_standby_names", "postgres") == ["ANY 1 (pair2)"]
    with Client(first, second) as client:
        first.kill()
        run = pair.play("playbooks/promote.yml", promote_to="pair2", standby_synchronous=True)
    assert run.status == 0, run.output
    result = client.compared(second)
    assert (result["missing"], result["doubled"]) == (0, 0)


@pytest.mark.long
def test_what_cannot_be_rewound_is_copied_anew_only_when_told(pair, first, second):
    first.come_back()
    assert not first.is_active
    first.run("rm /var/lib/postgresql/*/pair/pg_wal/0000*")
    refused = pair.play("playbooks/rejoin.yml", rejoin_host="pair1")
    assert refused.status != 0
    assert "cannot be taken back" in refused.words
    assert "rejoin_rebuild=true" in refused.words
    assert not first.is_active
    run = pair.play("playbooks/rejoin.yml", rejoin_host="pair1", rejoin_rebuild=True)
    assert run.status == 0, run.output
    assert first.in_recovery


@pytest.mark.long
def test_a_lost_standby_is_copied_anew_only_when_told(pair, first, second):
    first.run(f"systemctl stop {first.service}; mv /var/lib/postgresql/*/pair/global/pg_control /tmp/")
    refused = pair.deploy()
    assert refused.status != 0
    assert "its control file cannot be read" in refused.words
    assert "standby_rebuild=pair1" in refused.words
    assert first.run("ls /var/lib/postgresql/*/pair/PG_VERSION")
    run = pair.deploy(standby_rebuild="pair1")
    assert run.status == 0, run.output
    assert first.in_recovery
    pair.assert_nothing_changes()


@pytest.mark.long
def test_the_primary_is_never_rebuilt(pair, first, second):
    refused = pair.deploy(standby_rebuild="pair2")
    assert refused.status != 0
    assert "there is no other running primary" in refused.words
    assert not second.in_recovery


@pytest.mark.long
def test_a_standby_that_leaves_the_inventory_is_waited_for_no_longer(pair, first, second, tmp_path):
    """Otherwise every commit of the one that is left would wait for it for ever."""
    run = pair.deploy(standby_synchronous=True)
    assert run.status == 0, run.output
    assert second.query("show synchronous_standby_names", "postgres") == ["ANY 1 (pair1)"]
    first.run(f"systemctl stop {first.service}")
    alone = tmp_path / "inventory"
    shutil.copytree(pair.inventory, alone)
    hosts = (alone / "hosts.yml").read_text()
    (line,) = re.findall(r"pair2: .*", hosts)
    (alone / "hosts.yml").write_text(f"pair:\n  children:\n    pair_primary:\n      hosts:\n        {line}\n")
    told = pair.deploy("--check", inventory=alone, standby_synchronous=True)
    assert told.status == 0, told.output
    assert told.changes.keys() == {"pair2"}
    run = pair.deploy(inventory=alone, standby_synchronous=True)
    assert run.status == 0, run.output
    assert second.query("select current_setting('synchronous_standby_names') = ''", "postgres") == ["t"]
    second.query(f"insert into {TABLE} (number) select max(number) + 1 from {TABLE}")
    again = pair.deploy(inventory=alone, standby_synchronous=True)
    assert (again.status, again.changes) == (0, {}), again.output
