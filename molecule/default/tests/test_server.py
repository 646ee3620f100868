"""Files, settings and the archive of WAL."""

from __future__ import annotations

import time

from pgops.local import docker
from pgops.local.fleet import TEST
from pgops.paths import ROOT


def test_service_is_enabled(primary, subscriber):
    for host in (primary, subscriber):
        unit = host.run("systemctl list-units --plain --no-legend 'postgresql@*' | cut -d' ' -f1").stdout.strip()
        assert host.service(unit).is_running
        assert host.run("systemctl is-enabled %s", unit).stdout.strip() in ("enabled", "enabled-runtime")


def test_the_first_deploy_raises_no_alarm(query, primary, subscriber, operations):
    """The stanza is there before the first segment is sent."""
    for host, database in ((primary, "transactions"), (subscriber, "transactions"), (operations, "operations_db")):
        (row,) = query(host, "select failed_count, last_failed_wal from pg_stat_archiver", database)
        assert row == {"failed_count": 0, "last_failed_wal": None}
    failed = operations.check_output(
        "su postgres -c %s", "psql -XAtq -p 5434 -c 'select failed_count from pg_stat_archiver'"
    )
    assert failed == "0"


def test_no_setting_waits_for_a_restart(query, primary, subscriber):
    for host in (primary, subscriber):
        assert query(host, "select name from pg_settings where pending_restart") == []
        assert query(host, "select sourcefile, sourceline, error from pg_file_settings where error is not null") == []
        assert query(host, "select file_name, line_number, error from pg_hba_file_rules where error is not null") == []


def test_data_is_checksummed_and_sorted_by_code_point(query, primary):
    (row,) = query(
        primary,
        "select current_setting('data_checksums') as checksums, datcollate from pg_database where datname = 'transactions'",
    )
    assert row == {"checksums": "on", "datcollate": "C.UTF-8"}


def test_archive_takes_segments(query, primary):
    (before,) = query(primary, "select archived_count, pg_switch_wal() from pg_stat_archiver")
    for _attempt in range(30):
        (after,) = query(
            primary,
            "select archived_count, last_archived_time > coalesce(last_failed_time, '-infinity') as works from pg_stat_archiver",
        )
        if after["archived_count"] > before["archived_count"]:
            break
        time.sleep(1)
    assert after["archived_count"] > before["archived_count"]
    assert after["works"]


def test_archive_directory_prunes_itself_and_refuses_to_fill_the_disk(primary):
    """The program for clusters without a backup repository."""
    script = "/root/archive-segment"
    docker.docker(
        "cp", str(ROOT / "roles/postgresql/files/archive-segment"), f"{TEST.container(TEST.host('db1'))}:{script}"
    )
    primary.run_test("rm -rf /tmp/archive && mkdir /tmp/archive && head -c 1048576 /dev/urandom > /tmp/segment")

    def archive(name, max_size_mb=3, min_free_mb=1):
        return primary.run("%s /tmp/segment %s /tmp/archive 7 %s %s", script, name, str(max_size_mb), str(min_free_mb))

    for number in range(5):
        assert archive(f"00000001000000000000000{number}").rc == 0
    kept = primary.check_output("ls /tmp/archive").split()
    assert kept[-1] == "000000010000000000000004"
    assert len(kept) <= 3
    assert archive("000000010000000000000004").rc == 0, "the same segment again is no failure"
    primary.run_test("head -c 1048576 /dev/urandom > /tmp/segment")
    assert "exists with another content" in archive("000000010000000000000004").stderr
    full = archive("000000010000000000000005", min_free_mb=10**9)
    assert full.rc != 0
    assert "postgresql_archive_min_free_mb" in full.stderr
    primary.run_test("touch -d '8 days ago' /tmp/archive/000000010000000000000003")
    assert archive("000000010000000000000005").rc == 0
    assert not primary.file("/tmp/archive/000000010000000000000003").exists
    primary.run_test("rm -rf /tmp/archive /tmp/segment")
