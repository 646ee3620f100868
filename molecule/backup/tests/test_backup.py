"""Backups are made, and bring back the second before a mistake; a damaged one is told."""

from __future__ import annotations

import re

import pytest


def sql(host, text, port=5432, database="transactions"):
    result = host.run("su postgres -c %s", f'psql -XAtq -v ON_ERROR_STOP=1 -p {port} -d {database} -c "{text}"')
    assert result.rc == 0, result.stderr
    return result.stdout.strip()


def test_every_cluster_has_a_backup_and_timers(repository):
    for stanza in ("db1", "db2"):
        shown = repository.check_output("/usr/local/lib/pgops/backup status %s", stanza)
        assert f"stanza {stanza}: ok" in shown
        assert "no gap" in shown
        for timer in ("pgops-backup-full", "pgops-backup-incr", "pgops-backup-verify", "pgops-repository-watch"):
            assert f"{timer}@{stanza}.timer" in shown
    assert "OnCalendar=*-*-* 02:00:00" in repository.check_output("systemctl cat pgops-backup-full@db1.timer")


def test_the_repository_is_encrypted(repository, primary):
    """The pass phrase is nowhere but on the repository's side, and no segment can be read without it."""
    assert repository.run("grep -q cipher-pass /etc/pgbackrest/conf.d/db1.conf").rc == 0
    assert repository.file("/etc/pgbackrest/conf.d/db1.conf").mode == 0o640
    assert primary.run("grep -rq cipher-pass /etc/pgbackrest").rc == 1
    segment = repository.check_output("find /var/lib/pgbackrest/archive/db1 -name '*.zst' | head -1")
    assert repository.check_output("head -c 4 %s | od -An -tx1", segment).split() != ["28", "b5", "2f", "fd"], (
        "plain zstd"
    )


def test_a_machine_asks_for_its_own_stanzas_only(primary):
    options = primary.check_output("grep '^repo1-host' /etc/pgbackrest/conf.d/db1.conf").split()
    asked = primary.run(
        "su postgres -c %s", f"pgbackrest --stanza=db2 {' '.join(f'--{option}' for option in options)} info"
    )
    assert "access denied" in asked.stdout + asked.stderr


def test_a_moment_between_two_transactions(play, primary, restored):
    """The first is there, the second is not; and the copy does not act as its source."""
    sql(
        primary,
        "drop table if exists public.proof; create table public.proof (n int); insert into public.proof values (1)",
    )
    moment = sql(primary, "select pg_sleep(1); select clock_timestamp(); select pg_sleep(1)").strip()
    sql(primary, "insert into public.proof values (2)")
    status, output = play("restore", restore_host="db1", restore_target_time=moment)
    assert status == 0, output
    assert "replayed_lsn" in output
    assert sql(primary, "select array_agg(n) from public.proof", port=5532) == "{1}"
    assert sql(primary, "select array_agg(n) from public.proof") == "{1,2}"
    settings = sql(
        primary,
        "select string_agg(setting, ' ' order by name) from pg_settings where name in "
        "('archive_mode', 'cron.launch_active_jobs', 'max_logical_replication_workers', 'listen_addresses')",
        port=5532,
    )
    assert settings == "off off localhost 0"
    assert sql(primary, "select count(*) from app.totals_drift()", port=5532) == "0"


@pytest.mark.parametrize("kind", ["name", pytest.param("lsn", marks=pytest.mark.long)])
def test_a_restore_point(play, primary, restored, kind):
    sql(primary, "truncate public.proof; insert into public.proof values (1), (2)")
    name = f"before the mistake, {kind}"
    target = {"name": name, "lsn": sql(primary, f"select pg_create_restore_point('{name}')")}[kind]
    sql(primary, "delete from public.proof")
    status, output = play("restore", restore_host="db1", **{f"restore_target_{kind}": target})
    assert status == 0, output
    assert sql(primary, "select count(*) from public.proof", port=5532) == "2"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({}, ["restore_host is not given", "db1"]),
        ({"restore_host": "db1", "restore_stanza": "db9"}, ["restore_stanza is db9", "backup_info.yml"]),
        ({"restore_host": "db1", "restore_target_time": "2020-01-01 00:00:00+00"}, ["before the first backup's end"]),
        ({"restore_host": "db1", "restore_target_time": "2099-01-01 00:00:00+00"}, ["in the future"]),
        ({"restore_host": "db1", "restore_target_lsn": "0/1"}, ["before the first backup's end"]),
        ({"restore_host": "db1", "restore_port": 5432}, ["restore_port is 5432"]),
        ({"restore_host": "db1", "restore_data_directory": "/etc"}, ["restore_data_directory /etc", "not empty"]),
        ({"restore_host": "db1", "restore_over": True}, ["restore_over_confirm is ''", "To agree"]),
        (
            {"restore_host": "db1", "restore_over": True, "restore_over_confirm": "db2"},
            ["restore_over_confirm is 'db2'"],
        ),
    ],
)
def test_a_restore_is_refused(play, primary, variables, words):
    before = primary.check_output("pg_lsclusters")
    status, output = play("restore", **variables)
    assert status != 0
    for word in words:
        assert word in output
    assert primary.check_output("pg_lsclusters") == before


def verify(repository):
    """Run the verification of db2; as often as is asked, which systemd otherwise allows five times in ten seconds."""
    unit = "pgops-backup-verify@db2.service"
    return repository.run(f"systemctl reset-failed {unit}; systemctl start {unit}")


def test_a_damaged_backup_is_found(repository, state):
    assert verify(repository).rc == 0
    assert state(repository, "db2.verify")["ok"]
    file = repository.check_output("ls /var/lib/pgbackrest/backup/db2/*F/bundle/* | tail -1")
    repository.check_output("cp -a %s /root/whole && printf damaged | dd of=%s bs=1 seek=300 conv=notrunc", file, file)
    try:
        assert verify(repository).rc != 0
        result = state(repository, "db2.verify")
        assert not result["ok"]
        assert file.endswith(result["damaged_files"][0]["file"])
    finally:
        repository.check_output("cp -a /root/whole %s", file)
    assert verify(repository).rc == 0


@pytest.mark.parametrize("file", ["backup/db2/*F/backup.manifest", "archive/db2/archive.info.copy"])
def test_a_damaged_file_with_a_copy_is_found(play, repository, state, file):
    """pgBackRest reads the other one and says nothing."""
    file = repository.check_output(f"ls /var/lib/pgbackrest/{file} | tail -1")
    repository.check_output("cp -a %s /root/whole && printf damaged | dd of=%s bs=1 seek=100 conv=notrunc", file, file)
    try:
        assert verify(repository).rc != 0
        (problem,) = state(repository, "db2.verify")["problems"]
        assert f"{file.removeprefix('/var/lib/pgbackrest/')} is damaged" in problem
        assert "is whole, and pgBackRest reads that one" in problem
        status, output = play("backup_info", "--limit", "db2")
        assert status == 0, output
        assert "verification: DAMAGED" in output
        assert "archiving of db2: " in output
    finally:
        repository.check_output("cp -a /root/whole %s", file)
    assert verify(repository).rc == 0


@pytest.mark.long
def test_a_standby_is_copied_from_the_repository(play, operations, eventually):
    content = "select count(*), sum(hashtextextended(o::text, 0)) from app.operations o"

    def ask(text, port=5433):
        return sql(operations, text, port, "operations_db")

    def restores():
        return int(
            operations.check_output(
                "cat /var/log/pgbackrest/db3-restore.log | grep -c 'restore command begin.*operations_b.copy' || true"
            )
        )

    before = restores()
    status, output = play("operations", "--check", standby_rebuild="db3b", standby_copy_from="repository")
    assert status == 0, output
    assert "removed and copied anew from the latest backup of stanza db3" in output
    status, output = play("operations", standby_rebuild="db3b", standby_copy_from="repository")
    assert status == 0, output
    assert restores() == before + 1
    assert ask("select state from pg_stat_replication where application_name = 'db3b'", 5432) == "streaming"
    assert ask("select pg_is_in_recovery(), current_setting('restore_command')") == "t|"
    eventually(lambda: ask(content, 5432) == ask(content), "the same rows on both")
    status, output = play("operations")
    assert status == 0, output
    assert not re.search(r"changed=[1-9]", output), output


@pytest.mark.long
def test_a_damaged_segment_ends_a_restore_with_an_error(play, primary, repository, archived, eventually, restored):
    """PostgreSQL takes it for the end of WAL: the copy must not pass for the latest state, nor hang before its target."""
    change = "insert into public.proof values (3); select pg_walfile_name(pg_switch_wal())"
    segment = sql(primary, change)
    sql(primary, f"select pg_create_restore_point('behind {segment}')")
    last = sql(primary, change)
    eventually(lambda: {segment, last} <= archived(), "both segments in the repository")
    file = repository.check_output("ls /var/lib/pgbackrest/archive/db1/*/*/%s-*", segment)
    repository.check_output("cp -a %s /root/whole && truncate --size=200 %s", file, file)
    try:
        status, output = play("restore", restore_host="db1")
        assert status != 0
        told = re.search(r"recovery ended at \S+ although the archive goes on to segment ([0-9A-F]{24})", output)
        assert told, output
        assert told[1] >= last  # the restore itself has the present segment archived
        version = primary.check_output("ls /etc/postgresql").strip()
        primary.check_output("pg_dropcluster --stop %s main_restored", version)
        status, output = play("restore", restore_host="db1", restore_target_name=f"behind {segment}")
        assert status != 0
        assert "the server of cluster" in output
        assert "recovery ended before configured recovery target was reached" in output
    finally:
        repository.check_output("cp -a /root/whole %s", file)
