"""Full disks, and what is killed in the middle: the server goes on or comes back with every row, and nothing half-made counts."""

from __future__ import annotations

import json

import pytest

# Sixteen bytes a row that no compression makes smaller: most of a segment.
RANDOM_SEGMENT = (
    "select pg_logical_emit_message(true, 'test', (select string_agg(uuid_send(gen_random_uuid()), '') "
    "from generate_series(1, 900000))); select pg_walfile_name(pg_switch_wal())"
)
REPOSITORY = "/var/lib/pgbackrest"


def psql(host, text, port=5432, database="postgres"):
    return host.run("su postgres -c %s", f'psql -XAtq -v ON_ERROR_STOP=1 -p {port} -d {database} -c "{text}"')


@pytest.fixture
def small_disk(repository):
    """The repository on a file system of its own with 40 MB of room; `grow` makes more. What it took stays afterwards."""
    used = int(repository.check_output("du --summarize --block-size=1M %s", REPOSITORY).split()[0])

    class Disk:
        def grow(self):
            repository.check_output(f"mount -o remount,size={used + 250}m {REPOSITORY}")

    repository.check_output(
        f"systemctl stop pgbackrest.service && mkdir -p /root/small && mount -t tmpfs -o size={used + 40}m,mode=0750 tmpfs /root/small "
        f"&& cp -a {REPOSITORY}/. /root/small && mount --move /root/small {REPOSITORY} && chown postgres: {REPOSITORY} "
        "&& systemctl start pgbackrest.service"
    )
    try:
        yield Disk()
    finally:
        repository.check_output(
            "systemctl stop pgbackrest.service && mkdir -p /root/under && mount --bind /var/lib /root/under "
            f"&& cp -a {REPOSITORY}/. /root/under/pgbackrest && umount --lazy {REPOSITORY} && umount /root/under "
            "&& systemctl start pgbackrest.service"
        )


def test_a_full_disk_of_the_repository(operations, repository, archived, state, eventually, small_disk):
    """The server goes on, the time that is left is told before it is over, and all is archived when there is room again."""
    known = state(operations, "db3.archive")["dropped"]
    look = "/usr/local/lib/pgops/backup watch-repository db3"
    repository.check_output(look)  # the rate on this file system begins here
    written = [psql(operations, RANDOM_SEGMENT).stdout.split()[-1]]
    eventually(lambda: set(written) <= archived("db3"), "the first segment in the repository")
    repository.check_output(look)
    seen = state(repository, "db3.repository")
    assert 0 < seen["seconds_until_full"] < 3600, "told before the disk is full"
    assert 0 < seen["free_bytes"] < 60 * 1024 * 1024
    written += [psql(operations, RANDOM_SEGMENT).stdout.split()[-1] for _number in range(4)]
    eventually(lambda: state(operations, "db3.archive")["waiting_segments"] >= 2, "segments that wait")
    assert psql(operations, "create table if not exists kept (n int); insert into kept values (1)").rc == 0
    waiting = state(operations, "db3.archive")
    assert waiting["gives_way"] == "archive"
    assert waiting["seconds_until_full_without_archiving"] > 0
    shown = repository.check_output("/usr/local/lib/pgops/backup status db3")
    assert "are free, " in shown
    assert set(written) - archived("db3")
    small_disk.grow()
    # PostgreSQL tries again after a minute, or when a segment more is finished.
    written.append(psql(operations, RANDOM_SEGMENT).stdout.split()[-1])
    eventually(lambda: set(written) <= archived("db3"), "all segments in the repository", seconds=150)
    assert state(operations, "db3.archive")["dropped"] == known
    psql(operations, "drop table kept")


@pytest.fixture
def tiny(operations):
    """A cluster of its own whose pg_wal has 24 MB of room and whose archive takes nothing; the watch looks after it."""
    version = operations.check_output("ls /etc/postgresql").split()[0]
    settings = {
        "cluster": "tiny",
        "stanza": "tiny",
        "port": 5499,
        "socket_directory": "/var/run/postgresql",
        "data_directory": "/srv/tiny/data",
        "queue_limit_bytes": 0,
        "segment_bytes": 1048576,
        "log_directory": "/var/log/pgbackrest",
    }
    options = [
        "archive_mode=on",
        "archive_command=/bin/false",
        "restart_after_crash=off",
        "min_wal_size=2MB",
        "max_wal_size=4MB",
    ]
    operations.check_output(
        "mkdir -p /srv/tiny/wal && mount -t tmpfs -o size=24m,mode=0700 tmpfs /srv/tiny/wal && chown -R postgres: /srv/tiny && "
        f"pg_createcluster --port 5499 --datadir /srv/tiny/data {' '.join(f'-o {option}' for option in options)} {version} tiny "
        "-- --waldir=/srv/tiny/wal/files --wal-segsize=1 --no-sync && "
        f"pg_ctlcluster {version} tiny start && echo '{json.dumps(settings)}' > /etc/pgops/backup/tiny.cluster.json"
    )
    yield version
    operations.run(
        f"pg_dropcluster --stop {version} tiny; umount --lazy /srv/tiny/wal; "
        "rm -rf /srv/tiny /etc/pgops/backup/tiny.cluster.json /var/lib/pgops/backup/tiny.archive.json"
    )


def test_a_full_disk_of_pg_wal(operations, tiny, state):
    """That the server gives way, and when, is told before; every acknowledged row is there when there is room again."""
    assert psql(operations, "create table kept (n int primary key, filler text)", port=5499).rc == 0
    acknowledged, told = 0, []
    for number in range(1, 40):
        rows = f"insert into kept values ({number}, (select string_agg(md5(i::text), '') from generate_series(1, 40000) i))"
        if psql(operations, f"{rows}; select pg_switch_wal()", port=5499).rc != 0:
            break
        acknowledged = number
        operations.check_output("/usr/local/lib/pgops/backup watch-archive tiny")
        told.append(state(operations, "tiny.archive"))
    assert acknowledged < 39, "the disk never was full"
    last = told[-1]
    assert last["gives_way"] == "server"
    assert 0 <= last["seconds_until_full"] < 3600
    assert last["waiting_segments"] > 0
    assert "No space left on device" in operations.check_output(f"cat /var/log/postgresql/postgresql-{tiny}-tiny.log")
    operations.check_output("mount -o remount,size=200m /srv/tiny/wal")
    operations.check_output(f"pg_ctlcluster {tiny} tiny start")
    rows = psql(operations, "select count(*), max(n) from kept", port=5499).stdout.strip()
    assert rows in (f"{acknowledged}|{acknowledged}", f"{acknowledged + 1}|{acknowledged + 1}")


def test_a_backup_that_is_killed(repository):
    """It counts for nothing, locks nothing, and the next one goes through."""

    def backups():
        shown = json.loads(repository.check_output("/usr/local/lib/pgops/backup status db3 --format json"))
        return [backup["label"] for backup in shown["backups"]]

    before = backups()
    folder = f"{REPOSITORY}/backup/db3"
    known = repository.check_output(f"ls {folder}").split()
    repository.check_output(
        "systemctl start --no-block pgops-backup-full@db3.service; "
        f"until ls {folder} | grep -vxF '{chr(10).join(known)}'; do sleep 0.05; done; "
        "systemctl kill --signal=KILL pgops-backup-full@db3.service"
    )
    assert "Result=signal" in repository.check_output("systemctl show --property=Result pgops-backup-full@db3.service")
    assert backups() == before
    shown = repository.check_output("/usr/local/lib/pgops/backup status db3")
    assert "stanza db3: ok" in shown
    assert "a backup is running" not in shown
    assert repository.run("systemctl start pgops-backup-full@db3.service").rc == 0
    after = backups()
    assert len(after) == len(before) + 1
    kept = repository.check_output(f"find {folder} -mindepth 1 -maxdepth 1 -type d -name '20*' -printf '%f\\n'").split()
    assert set(kept) == set(after), "what the killed one left is gone"
    assert repository.run("systemctl start pgops-backup-verify@db3.service").rc == 0


def test_a_restore_that_is_killed(play, operations):
    """What is left is named and does not start, the source goes on, and the same restore goes through afterwards."""
    version = operations.check_output("ls /etc/postgresql").split()[0]

    def clusters():
        return [line.split() for line in operations.check_output("pg_lsclusters --no-header").splitlines()]

    source = clusters()
    process = "^pgbackrest .*operations_restored.* restore$"
    control = f"/var/lib/postgresql/{version}/operations_restored/global/pg_control"
    operations.check_output(
        "systemd-run --quiet --collect --property=RuntimeMaxSec=300 /bin/sh -c %s",
        # pgBackRest takes the control file of the empty cluster away before it begins.
        f'until pgrep -f "{process}"; do sleep 0.02; done; while test -e {control}; do sleep 0.02; done; pkill -KILL -f "{process}"',
    )
    try:
        status, output = play("restore", restore_host="db3")
        assert status != 0
        assert (
            f"{version}/operations_restored in /var/lib/postgresql/{version}/operations_restored is incomplete"
            in output
        )
        assert f"pg_dropcluster --stop {version} operations_restored" in output
        assert operations.run(f"pg_ctlcluster {version} operations_restored start").rc != 0
        assert [cluster for cluster in clusters() if cluster[1] != "operations_restored"] == source
        operations.check_output(f"pg_dropcluster --stop {version} operations_restored")
        status, output = play("restore", restore_host="db3")
        assert status == 0, output
        drift = "select count(*) from pg_stat_user_tables"
        assert (
            psql(operations, drift, 5532, "operations_db").stdout
            == psql(operations, drift, 5432, "operations_db").stdout
        )
    finally:
        operations.run(f"pg_dropcluster --stop {version} operations_restored")
