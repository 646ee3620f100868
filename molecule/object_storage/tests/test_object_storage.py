"""Backups in object storage are made, encrypted, verified and brought back, and what goes wrong there is told and made up for."""

from __future__ import annotations

import json
import re

import pytest

from pgops.local.fleet import STORAGE

SECRETS = STORAGE.inventory / ".secrets"
CONFIGURATION = "/etc/pgbackrest/conf.d/db1.conf"
UNITS = ("pgops-backup-full", "pgops-backup-incr", "pgops-backup-verify", "pgops-repository-watch")
WRITE = "select pg_logical_emit_message(true, 'test', repeat('x', 1000)); select pg_walfile_name(pg_switch_wal())"
MARKER = "nobody-may-read-this-in-the-storage"


def archived(swift):
    """Names of the segments in the storage."""
    listed = swift("backups?prefix=db1/archive/")
    return {match[1] for match in re.finditer(r"/([0-9A-F]{24})-[0-9a-f]{40}", listed)}


def write_segments(sql, count):
    """Finish so many segments; returns their names."""
    names = [sql(WRITE).split()[-1] for _number in range(count)]
    assert len(set(names)) == count
    return names


def backups(status):
    return [backup["label"] for backup in status()["backups"]]


def secrets():
    """What must be seen nowhere: the keys of the storage, and the pass phrase of the repository."""
    return {name: (SECRETS / name).read_text().strip() for name in ("storage/first", "storage/second", "backup/db1")}


def test_the_cluster_has_a_backup_and_timers(database, status):
    found = status()
    assert found["ok"]
    assert found["backups"][0]["type"] == "full"
    assert found["timers"] == [f"{unit}@db1.timer" for unit in UNITS]
    shown = database.check_output("/usr/local/lib/pgops/backup status db1")
    assert "stanza db1: ok" in shown
    assert "repository: " not in shown, "a bucket has no file system that could be full"


def test_the_storage_is_verified_by_the_environments_authority(database):
    lines = database.file(CONFIGURATION).content_string.splitlines()
    assert "repo1-storage-verify-tls=y" in lines
    (authority,) = [line.split("=")[1] for line in lines if line.startswith("repo1-storage-ca-file=")]
    assert database.file(authority).content_string == (SECRETS / "certificates" / "ca.crt").read_text()
    asked = database.run("python3 -c 'import urllib.request; urllib.request.urlopen(\"https://storage.test:8443/\")'")
    assert "unable to get local issuer certificate" in asked.stderr, "the machine itself does not know the authority"


def test_both_ways_to_name_a_bucket_are_answered(database):
    asked = database.check_output(
        "su postgres -c %s", "PGBACKREST_REPO1_S3_URI_STYLE=host pgbackrest --stanza=db1 info"
    )
    assert "status: ok" in asked


def test_backups_of_each_kind_and_their_list(run_playbook, sql, status, swift):
    """Random rows, so that an object is larger than what is sent at once."""
    sql(
        f"drop table if exists public.filler; create table public.filler as select '{MARKER}' as marker, "
        "(select string_agg(gen_random_uuid()::text, '') from generate_series(1, 100) where i > 0) from generate_series(1, 4000) i"
    )
    before = backups(status)
    for kind in ("full", "incr"):
        state, output = run_playbook("backup", backup_type=kind)
        assert state == 0, output
    made = [backup for backup in status()["backups"] if backup["label"] not in before]
    assert [backup["type"] for backup in made] == ["full", "incr"]
    state, output = run_playbook("backup_info")
    assert state == 0, output
    for label in [backup["label"] for backup in made]:
        assert label in output
    assert "no gap" in output
    assert "archiving of db1: " in output
    assert f"db1/backup/db1/{made[0]['label']}/" in swift("backups%2Bsegments"), "no object came in parts"


def test_nothing_in_the_storage_can_be_read(storage, swift):
    listed = swift("backups?prefix=db1/").split()
    assert len(listed) > 20
    assert storage.run("grep -rqa %s /srv/node", MARKER).rc == 1
    plain = "find /srv/node -name '*.data' -exec sh -c 'head -c 4 \"$1\" | od -An -tx1' _ {} ';' | sort | uniq -c"
    assert "28 b5 2f fd" not in storage.check_output(plain), "plain zstd"


def test_a_moment_between_two_transactions(run_playbook, sql, restored):
    """The first is there, the second is not; and the copy does not act as its source."""
    sql("drop table if exists public.proof; create table public.proof (n int); insert into public.proof values (1)")
    moment = sql("select pg_sleep(1); select clock_timestamp(); select pg_sleep(1)")
    sql("insert into public.proof values (2)")
    state, output = run_playbook("restore", restore_host="db1", restore_target_time=moment.strip())
    assert state == 0, output
    assert sql("select array_agg(n) from public.proof", port=5532) == "{1}"
    assert sql("select array_agg(n) from public.proof") == "{1,2}"
    assert sql("show archive_mode", port=5532) == "off"


def test_a_drill_passes(run_playbook, database):
    state, output = run_playbook("drill", drill_host="db1")
    assert state == 0, output
    result = json.loads(database.file("/var/lib/pgops/drill/db1/latest.json").content_string)
    assert result["outcome"] == "passed"
    assert result["comparison"]["tables"] > 10
    assert result["comparison"]["differences"] == []
    assert result["wal_replayed_bytes"] > 0


def test_a_damaged_backup_is_found(database, swift, state, storage, status):
    unit = "systemctl start pgops-backup-verify@db1.service"
    assert database.run(unit).rc == 0
    assert state("verify")["ok"]
    assert [backup["label"] for backup in state("verify")["backups"]] == backups(status)
    label = next(backup["label"] for backup in status()["backups"] if backup["type"] == "full")
    name = swift(f"backups?prefix=db1/backup/db1/{label}/bundle/").split()[-1]
    swift(f"backups/{name}", "--output", "/root/whole")
    storage.check_output(
        "cp /root/whole /root/broken && printf damaged | dd of=/root/broken bs=1 seek=300 conv=notrunc"
    )
    swift(f"backups/{name}", "--upload-file", "/root/broken")
    try:
        assert database.run(unit).rc != 0
        assert not state("verify")["ok"]
        assert name.endswith(state("verify")["damaged_files"][0]["file"])
    finally:
        swift(f"backups/{name}", "--upload-file", "/root/whole")
    assert database.run(unit).rc == 0


REFUSED = {
    "secret": ({"backup_s3_key_secret": "x" * 40}, ["SignatureDoesNotMatch", "backup_s3_key_secret"]),
    "bucket": ({"backup_s3_bucket": "nothing"}, ["NoSuchBucket", "backup_s3_bucket (nothing)"]),
    "authority": ({"backup_s3_ca_file": ""}, ["unable to get local issuer certificate", "backup_s3_ca_file"]),
    "region": ({"backup_s3_region": "eu-test-2"}, ["AuthorizationHeaderMalformed", "backup_s3_region (eu-test-2)"]),
    "port": ({"backup_s3_port": 8444}, ["Connection refused", "backup_s3_port (8444)"]),
    "endpoint": ({"backup_s3_endpoint": "https://s3"}, ["backup_s3_endpoint is 'https://s3'", "accepted: a host name"]),
    "no-file": ({"backup_s3_ca_file": "/no/such/file"}, ["backup_s3_ca_file is /no/such/file", "PEM file"]),
}


@pytest.mark.parametrize(("case", "options"), [*((case, ()) for case in REFUSED), ("secret", ("--check",))])
def test_storage_that_cannot_be_used_is_refused(run_playbook, database, case, options):
    """What archives goes on as it was."""
    variables, words = REFUSED[case]
    fingerprint = f"sha256sum {CONFIGURATION}; su postgres -c 'psql -XAtq -c \"select pg_postmaster_start_time()\"'"
    before = database.check_output(fingerprint)
    state, output = run_playbook("operations", "--limit", "db1", *options, **variables)
    assert state != 0
    for word in words:
        assert word in output
    assert "StringToSign" not in output
    assert database.check_output(fingerprint) == before


def test_storage_that_was_away_catches_up(database, sql, swift, away, state, eventually, run_playbook):
    known = [state("repository")["gaps"], state("archive")["dropped"]]
    with away():
        names = write_segments(sql, 4)
        eventually(lambda: state("archive")["waiting_segments"] >= 4, "four segments that wait")
        eventually(lambda: state("repository")["error"], "the watch over the repository")
        assert state("archive")["seconds_until_full_without_archiving"] > 0
        assert state("repository")["last_backup"], "what was known stays"
        told = database.run("/usr/local/lib/pgops/backup status db1")
        assert told.rc == 1
        assert "the repository does not answer" in told.stderr
        status, output = run_playbook("restore", "--check", restore_host="db1")
        assert status != 0
        assert "does not answer" in output
    eventually(lambda: set(names) <= archived(swift), "all segments in the storage")
    eventually(lambda: not state("repository")["error"], "the watch over the repository")
    journal = database.check_output("journalctl --unit 'pgops-repository-watch@db1.service' --output cat")
    assert journal.count("the repository does not answer") == journal.count("the repository answers again") > 0
    assert [state("repository")["gaps"], state("archive")["dropped"]] == known


def test_a_key_that_is_withdrawn_stops_archiving_until_another_one_is_declared(
    run_playbook, database, sql, swift, storage, state, eventually
):
    """The wrong order: the storage refuses the old key before the new one is deployed. Nothing is lost, and no key is shown."""
    new = {"backup_s3_key": "pgops:second", "backup_s3_key_secret": secrets()["storage/second"]}
    loudest = ("-vvvv", "--diff")
    file = "/etc/swift/proxy-server.conf"
    storage.check_output("cp -a %s /root/proxy && sed -i '/^user_pgops_first/s/= /= withdrawn/' %s", file, file)
    storage.check_output("systemctl restart swift-proxy")
    try:
        names = write_segments(sql, 3)
        eventually(lambda: "403" in (state("repository")["error"] or ""), "the refusal in the watch's words")
        status, output = run_playbook("operations", *loudest, **new)
        assert status == 0, output
        # The new key was given on the command line, which the loudest level repeats.
        assert [name for name, secret in secrets().items() if secret in output] in ([], ["storage/second"])
        names += write_segments(sql, 1)
        # What the watch says may be older than the last segment.
        eventually(lambda: set(names) <= archived(swift), "archiving that goes on")
        eventually(lambda: not state("archive")["waiting_segments"], "a watch that knows it")
        eventually(lambda: not state("repository")["error"], "a storage that answers")
        assert "repo1-s3-key=pgops:second" in database.file(CONFIGURATION).content_string
    finally:
        storage.check_output("cp -a /root/proxy %s && systemctl restart swift-proxy", file)
    status, output = run_playbook("operations", *loudest)
    assert status == 0, output
    assert [name for name, secret in secrets().items() if secret in output] == []
    assert all(gap["closed_by"] for gap in state("repository")["gaps"])


def test_keys_are_in_no_log_and_no_file_that_others_may_read(database, standby):
    for machine in (database, standby):
        assert machine.file(CONFIGURATION).mode == 0o640
        for secret in secrets().values():
            readable = "find / -xdev -type f -perm /o=r -size -20M -exec grep -lF -- %s {} + 2>/dev/null"
            assert machine.run(readable, secret).stdout == ""
            assert machine.run("grep -rlF -- %s /var/log /var/lib/pgops /var/spool", secret).stdout == ""
            assert machine.run("journalctl --output cat | grep -F -- %s", secret).stdout == ""


def test_backups_and_archive_go_on_after_a_switchover(run_playbook, database, standby, swift, status, eventually):
    """The machine of the new primary makes the backups, that of the old one none, and nobody has to lend a hand."""
    incremental = "systemctl start pgops-backup-incr@db1.service"
    before = backups(status)
    assert standby.run(incremental).rc == 0
    assert "is a standby" in standby.check_output("journalctl --unit pgops-backup-incr@db1.service --output cat")
    assert backups(status) == before
    for primary, other, name in ((standby, database, "db2"), (database, standby, "db1")):
        state, output = run_playbook("switchover", switchover_to=name)
        assert state == 0, output
        written = primary.check_output("su postgres -c %s", f'psql -XAtq -d operations_db -c "{WRITE}"').split()[-1]
        eventually(lambda wanted=written: wanted in archived(swift), "the new primary's segment in the storage")
        before = backups(status)
        assert other.run(incremental).rc == 0
        assert backups(status) == before
        assert primary.run(incremental).rc == 0
        assert len(backups(status)) == len(before) + 1
    for machine in (database, standby):
        shown = machine.check_output("/usr/local/lib/pgops/backup status db1")
        assert "stanza db1: ok" in shown
        assert "GAP" not in shown
    state, output = run_playbook("backup", "--check")
    assert state == 0, output
    assert output.count("would be made in the repository of db1") == 1
    assert "would be made in the repository of db2" not in output
