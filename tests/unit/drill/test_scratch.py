"""The scratch cluster cannot act as its source, and only its own folder is ever removed."""

from __future__ import annotations

import json
import os
from dataclasses import replace

import pytest
from pgops_drill import restore
from pgops_drill.errors import DrillError
from pgops_drill.restore import Choice, failure, refuse_without_room, room_needed
from pgops_drill.scratch import MARK, Scratch, running_in
from pgops_drill.settings import Settings
from samples import backup, stanza

SETTINGS = Settings("db1", "db1", "18", 5432, "/var/run/postgresql", "/data", "/drill")


@pytest.fixture
def scratch(tmp_path):
    return Scratch(replace(SETTINGS, directory=str(tmp_path)))


def options(arguments):
    return dict(argument.split("=", 1) for argument in arguments if "=" in argument)


def test_it_does_not_act(scratch):
    given = options(scratch.arguments("pg_stat_statements, pg_cron,pg_ivm"))
    assert given["shared_preload_libraries"] == "pg_stat_statements,pg_ivm"
    assert given["listen_addresses"] == given["primary_conninfo"] == given["primary_slot_name"] == ""
    assert given["archive_mode"] == given["cron.launch_active_jobs"] == given["autovacuum"] == "off"
    assert given["max_logical_replication_workers"] == given["max_wal_senders"] == "0"
    for name in ("data_directory", "config_file", "hba_file", "unix_socket_directories"):
        assert given[name].startswith(str(scratch.root))


def test_its_folder_bears_a_mark_and_goes(scratch):
    scratch.make("run")
    assert json.loads((scratch.root / MARK).read_text())["cluster"] == "db1"
    assert scratch.root.stat().st_mode & 0o777 == 0o700
    assert scratch.remove()
    assert not scratch.root.exists()
    assert not scratch.remove()


@pytest.mark.parametrize(
    "mark", [None, "", "{}", '{"cluster": "db2", "root": "ROOT"}', '{"cluster": "db1", "root": "/elsewhere"}']
)
def test_what_bears_no_mark_is_left_alone(scratch, mark):
    scratch.root.mkdir()
    (scratch.root / "precious").touch()
    if mark is not None:
        (scratch.root / MARK).write_text(mark.replace("ROOT", str(scratch.root)))
    with pytest.raises(DrillError, match="bears no mark of a drill of db1"):
        scratch.remove()
    assert (scratch.root / "precious").exists()


def test_a_link_is_not_followed(scratch, tmp_path):
    other = Scratch(replace(SETTINGS, directory=str(tmp_path / "other")))
    other.make("run")
    scratch.root.symlink_to(other.root)
    with pytest.raises(DrillError, match="bears no mark"):
        scratch.remove()
    assert (other.root / MARK).exists()


def test_a_folder_that_was_made_and_not_marked_yet_goes(scratch):
    scratch.root.mkdir()
    assert scratch.remove()


def test_a_process_number_is_no_proof(tmp_path):
    """After a restart of the machine it may be another's, the source's even."""
    assert running_in(tmp_path) is None
    (tmp_path / "postmaster.pid").write_text(f"{os.getpid()}\n")
    assert running_in(tmp_path) is None


def test_a_socket_path_that_is_too_long(tmp_path):
    with pytest.raises(DrillError, match="may have 107"):
        Scratch(replace(SETTINGS, directory=f"/tmp/{'x' * 100}")).make("run")


def choice(**more):
    return Choice(backup("F", 1, 2, **more), (), ())


def test_room_is_what_the_source_has_grown_to(tmp_path):
    assert room_needed(choice(), 5) == 1000
    assert room_needed(choice(), 5000) == 5000
    assert refuse_without_room(tmp_path / "not" / "yet", 1, 0) > 0
    with pytest.raises(DrillError, match="choose a drill_directory with more room"):
        refuse_without_room(tmp_path, 1 << 60, 0)
    with pytest.raises(DrillError, match="drill_reserve_mb"):
        refuse_without_room(tmp_path, 1, 1 << 40)


def test_the_restore_has_spool_and_lock_of_its_own(scratch):
    """pgBackRest's lock for fetching WAL is that for archiving it."""
    given = restore.command(scratch, choice(), "point", 2)
    assert f"--lock-path={scratch.root}/lock" in given
    assert f"--spool-path={scratch.root}/spool" in given
    assert "--archive-mode=off" in given
    assert "--target=point" in given
    assert "--set=F" in given


def test_backups_with_damaged_pages_are_named():
    found = restore.damaged(stanza(backup("F1", 1, 2), replace(backup("F2", 3, 4), error=True)), backup("F1", 1, 2))
    assert len(found) == 1
    assert "backup F2 holds pages that were damaged" in found[0]


def test_what_a_failed_restore_says():
    assert "backup F is damaged: pgbackrest restore ended with 26: error restoring 'x'" in failure(
        "F", 26, "error restoring 'x'\n", []
    )
    assert "invalid checksum: F/bundle/2" in failure("F", 95, "unable to flush", ["invalid checksum: F/bundle/2"])
    assert "could not be restored: pgbackrest restore ended with 56: it printed nothing" in failure("F", 56, "", [])
