"""A drill passes on a backup that is whole, and finds what was planted."""

from __future__ import annotations

import json
import re

import pytest

COPY = "/var/lib/postgresql/drill/db1"
PROGRAM = "/usr/local/lib/pgops/drill"
WRITERS = """
cat > /tmp/writer.sql <<'SQL'
insert into app.t1 (date, amount, state, message)
values (clock_timestamp(), 1.25, 1, '{"account_number": "1", "client_id": "7", "operation_type": "online"}');
update app.t1 set amount = amount + 1 where id = 1;
SQL
su postgres -c "$(ls -d /usr/lib/postgresql/*/bin)/pgbench --no-vacuum --client=4 --time=25 --file=/tmp/writer.sql transactions" \
>/tmp/writer.log 2>&1 &
"""


def test_the_timers_run_and_the_program_is_there(primary, subscriber, operations):
    for host, name in (
        (primary, "db1"),
        (subscriber, "db2"),
        (operations, "db3"),
        (operations, "lab1"),
        (operations, "app1"),
    ):
        unit = f"pgops-drill@{name}.timer"
        assert host.run("systemctl is-active %s", unit).stdout.strip() == "active"
        assert host.run("systemctl is-enabled %s", unit).stdout.strip() == "enabled"
        assert "OnCalendar=Sun *-*-* 03:00:00" in host.check_output("systemctl cat %s", unit)


def test_check_mode_says_what_it_would_do(play, primary):
    before = primary.check_output("ls -la /var/lib/pgops/drill /var/lib/postgresql")
    status, output = play("drill", "--check", drill_host="db1")
    assert status == 0, output
    assert re.search(r"would restore backup \d{8}-\d{6}F\S* of stanza db1", output)
    assert "changed=0" in output
    assert primary.check_output("ls -la /var/lib/pgops/drill /var/lib/postgresql") == before


def test_every_cluster_passes(play, subscriber, operations, primary, latest):
    status, output = play("drill")
    assert status == 0, output
    for host, name in (
        (primary, "db1"),
        (subscriber, "db2"),
        (operations, "db3"),
        (operations, "lab1"),
        (operations, "app1"),
    ):
        result = latest(host, name)
        assert result["outcome"] == "passed"
        assert result["comparison"]["tables"] > 10
        assert result["checks"]
        assert all(not check["wrong"] and not check["error"] for check in result["checks"])
        assert f"drill of {name}" in output


def test_a_drill_under_writers_passes(primary, drill, sql):
    """Not one transaction more or less: the rows of both sides are as of the same moment, while writers go on."""
    before = int(sql(primary, "select count(*) from app.t1"))
    primary.check_output(WRITERS)
    result = drill()
    written = int(sql(primary, "select count(*) from app.t1")) - before
    assert result["outcome"] == "passed", result["message"]
    assert written > 300
    assert result["comparison"]["differences"] == []
    assert result["comparison"]["tables"] > 20
    assert result["comparison"]["rows"] > 20000
    assert result["comparison"]["sequences"] >= 4
    assert result["rto"]["seconds"] == pytest.approx(
        result["rto"]["restore_seconds"] + result["rto"]["recovery_seconds"]
    )
    assert result["rto"]["restore_seconds"] > 0
    assert 0 <= result["rpo"]["seconds"] < 86400
    assert result["rpo"]["bytes"] >= 0
    assert result["wal_replayed_bytes"] > 0
    assert result["moment"]["name"].endswith(f"-{result['moment']['tries']}")
    labels = [backup["label"] for backup in json.loads(
        primary.check_output("su postgres -c 'pgbackrest --stanza=db1 --output=json info'"))[0]["backup"]]  # fmt: skip
    assert result["backup"]["label"] == labels[-1]
    assert not primary.file(COPY).exists


def test_a_changed_row_is_named_and_the_copy_does_not_act(primary, during, settings, sql):
    seen = {}

    def change(socket):
        seen["archive_mode"] = sql(primary, "show archive_mode", socket=socket)
        seen["workers"] = sql(
            primary, "select string_agg(distinct backend_type, ', ') from pg_stat_activity", socket=socket
        )
        seen["listen"] = sql(primary, "show listen_addresses", socket=socket)
        # Without its triggers, which would change the totals as well.
        sql(primary, "set session_replication_role = replica; update app.t1 set amount = amount + 1 where id = "
                     "(select min(id) from app.t1) returning tableoid::regclass", socket=socket)  # fmt: skip
        sql(primary, "create table public.only_there (n int); drop table public.only_here", socket=socket)
        sql(primary, "select setval('app.t1_id_seq', 1)", socket=socket)

    sql(primary, "create table public.only_here (n int)")
    try:
        result = during(change, settings)
    finally:
        sql(primary, "drop table public.only_here")
    assert seen["archive_mode"] == "off"
    assert seen["listen"] == ""
    assert "cron" not in seen["workers"]
    assert "logical replication" not in seen["workers"]
    assert result["outcome"] == "failed"
    found = {difference["object"]: difference for difference in result["comparison"]["differences"]}
    (month,) = [name for name in found if re.fullmatch(r"app\.t1_\d{4}_\d\d", name)]
    assert found.keys() == {month, "public.only_there", "public.only_here", "app.t1_id_seq"}, (
        "jobs have changed nothing there"
    )
    assert found[month]["here"]["rows"] == found[month]["there"]["rows"]
    assert found[month]["here"]["checksum"] != found[month]["there"]["checksum"]
    assert found["public.only_there"]["what"] == "missing in the source"
    assert found["public.only_here"]["what"] == "missing in the copy"
    assert found["app.t1_id_seq"]["what"] == "behind"
    shown = primary.run(f"{PROGRAM} show db1")
    assert shown.rc == 1
    assert f"table {month}: as many rows, another checksum" in shown.stdout
    assert result["last_passed_at"] < result["ended_at"]


def test_a_damaged_file_of_the_backup_is_named(primary, repository, play, latest):
    label = primary.check_output("su postgres -c 'pgbackrest --stanza=db1 --output=json info'")
    full = json.loads(label)[0]["backup"][-1]["label"][:16]
    file = repository.check_output(f"ls -S /var/lib/pgbackrest/backup/db1/{full}/bundle/* | head -1")
    repository.check_output(
        "cp -a %s /root/whole && dd if=/dev/zero of=%s bs=4k seek=4 count=64 conv=notrunc", file, file
    )
    try:
        status, output = play("drill", drill_host="db1")
    finally:
        repository.check_output("cp -a /root/whole %s", file)
        primary.run("systemctl reset-failed 'pgops-drill@db1.service'")
    assert status != 0
    result = latest(primary)
    assert result["outcome"] == "failed"
    assert "pgbackrest restore ended with" in result["message"]
    assert f"{full}/bundle/{file.rsplit('/', 1)[1]}" in result["message"]
    assert "is damaged: pgbackrest restore ended with" in output
    assert "The drill of db1 has failed" in output
    assert not primary.file(COPY).exists


def test_a_damaged_segment_is_named(primary, repository, drill, sql, wait):
    """Recovery ends there without a word; nothing behind it can be restored from this backup."""
    change = "select pg_create_restore_point('test'); select pg_walfile_name(pg_switch_wal())"
    segment = sql(primary, change).splitlines()[-1]
    find = f"ls /var/lib/pgbackrest/archive/db1/*/*/{segment}-*"
    wait(lambda: repository.run(find).rc == 0, "the segment in the repository")
    file = repository.check_output(find)
    repository.check_output("cp -a %s /root/whole && printf damaged | dd of=%s bs=1 seek=100 conv=notrunc", file, file)
    try:
        result = drill()
    finally:
        repository.check_output("cp -a /root/whole %s", file)
    assert result["outcome"] == "failed"
    assert result["stage"] == "recovery"
    assert "the copy did not reach the moment" in result["message"]
    assert f"{segment}-" in result["message"]
    assert "pid" not in result["message"]


def test_a_backup_of_damaged_pages_is_named(subscriber, repository, sql, latest):
    """pgBackRest makes such a backup, ends well, and notes it; a restore takes the one before."""
    backup = "su postgres -c 'pgbackrest --stanza=db2 --type=incr --log-level-file=off backup'"
    sql(subscriber, "create table public.cold as select n from generate_series(1, 5000) n; checkpoint")
    file = sql(subscriber, "select current_setting('data_directory') || '/' || pg_relation_filepath('public.cold')")
    subscriber.check_output("printf rotten | dd of=%s bs=1 seek=12300 conv=notrunc", file)
    try:
        repository.check_output(backup)
        assert subscriber.run(f"{PROGRAM} now db2").rc == 1
        result = latest(subscriber, "db2")
        assert result["outcome"] == "failed"
        assert "holds pages that were damaged when it was made" in result["message"]
        assert result["comparison"]["differences"] == []
    finally:
        sql(subscriber, "drop table public.cold")
        repository.check_output(backup)
        subscriber.run("systemctl reset-failed 'pgops-drill@db2.service'")
    assert subscriber.run(f"{PROGRAM} now db2").rc == 0


def test_a_comparison_of_nothing_fails(drill, settings):
    settings(databases=["postgres"], checks=[])
    result = drill()
    assert result["outcome"] == "failed"
    assert result["comparison"]["tables"] == 0
    assert "no table was compared" in result["message"]


def test_a_transaction_that_stays_open_is_named(primary, drill, settings, sql):
    settings(moment_seconds=3)
    primary.check_output(
        "su postgres -c \"PGAPPNAME=forgotten psql -d transactions -c 'begin; select pg_current_xact_id(); select pg_sleep(60)'\" "
        ">/dev/null 2>&1 &"
    )
    result = drill()
    sql(primary, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'forgotten'")
    assert result["outcome"] == "failed"
    assert "(forgotten), open for" in result["message"]
    assert "drill_moment_seconds" in result["message"]


@pytest.mark.long
def test_the_next_drill_removes_what_a_killed_one_has_left(primary, drill, wait):
    """The copy's processes end with the drill; its folder is known by its mark."""
    primary.check_output("runuser -u postgres -- %s run db1 >/dev/null 2>&1 & echo $! > /tmp/drill.pid", PROGRAM)
    wait(lambda: primary.file(f"{COPY}/data/postmaster.pid").exists, "a copy that starts")
    primary.check_output("pkill -9 -f -x %s", f"/usr/bin/python3 {PROGRAM} run db1")
    assert primary.file(f"{COPY}/pgops-drill.json").exists
    wait(
        lambda: primary.run("pgrep -f %s", f"^/usr/lib/postgresql/.*{COPY}").rc == 1, "the end of the copy's server", 30
    )
    result = drill()
    assert result["outcome"] == "passed", result["message"]
    assert "removed what a drill that was killed had left" in result["warnings"]
    assert not primary.file(COPY).exists


def test_a_unit_that_is_killed_leaves_nothing(primary, wait):
    primary.check_output("systemctl start --no-block pgops-drill@db1.service")
    wait(lambda: primary.file(f"{COPY}/data").exists, "a copy")
    primary.check_output("systemctl kill --kill-whom=main --signal=KILL pgops-drill@db1.service")
    wait(
        lambda: primary.run("systemctl is-failed pgops-drill@db1.service").stdout.strip() == "failed",
        "a failed unit",
        60,
    )
    assert not primary.file(COPY).exists
    primary.run("systemctl reset-failed 'pgops-drill@db1.service'")


def test_a_folder_of_somebody_else_is_left_alone(primary, drill):
    primary.check_output("install -d -o postgres %s && touch %s/precious", COPY, COPY)
    try:
        result = drill()
        assert result["outcome"] == "failed"
        assert "bears no mark of a drill" in result["message"]
        assert primary.file(f"{COPY}/precious").exists
    finally:
        primary.check_output("rm -r %s", COPY)


def test_a_standby_is_skipped(operations, latest):
    """Its primary's drill covers the stanza; after a promotion it is drilled itself."""
    assert operations.run(f"{PROGRAM} now db3b").rc == 0
    assert latest(operations, "db3b")["outcome"] == "skipped"
    assert operations.run("systemctl is-enabled pgops-drill@db3b.timer").stdout.strip() == "enabled"


@pytest.mark.parametrize(
    ("variables", "words"),
    [({"drill_host": "db9"}, "drill_host is db9; accepted"), ({"drill_host": "ops1"}, "drill_host is ops1; accepted")],
)
def test_hosts_that_cannot_be_drilled_are_refused(play, variables, words):
    status, output = play("drill", **variables)
    assert status != 0
    assert words in output
