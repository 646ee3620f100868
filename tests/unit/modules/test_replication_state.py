"""Texts of pg_controldata, pg_waldump and history files."""

from __future__ import annotations

from ansible_collections.pgops.fleet.plugins.module_utils.replication_state import (
    lsn_bytes,
    lsn_difference,
    read_control,
    read_history,
)
from ansible_collections.pgops.fleet.plugins.modules.postgresql_promote import SHUTDOWN_RECORD

CONTROL = """\
pg_control version number:            1800
Database system identifier:           7576159420712345678
Database cluster state:               shut down
Latest checkpoint location:           0/314AEF0
Latest checkpoint's REDO location:    0/314AEF0
Latest checkpoint's TimeLineID:       1
Time of latest checkpoint:            Sat Nov 21 16:11:07 2026
Minimum recovery ending location:     0/0
Min recovery ending loc's timeline:   2
"""
RECORD = (
    "rmgr: XLOG        len (rec/tot):    114/   114, tx:          0, lsn: 0/034069C0, prev 0/03406948, "
    "desc: CHECKPOINT_SHUTDOWN redo 0/34069C0; tli 2; prev tli 2; shutdown"
)


def test_control_file():
    found = read_control(CONTROL)
    assert found["state"] == "shut down"
    assert found["checkpoint_lsn"] == "0/314AEF0"
    assert found["checkpoint_at"] == "Sat Nov 21 16:11:07 2026"
    assert found["timeline"] == 2
    assert read_control("") == {}


def test_history_file():
    text = "1\t0/314AF68\tno recovery target specified\n\n2\t1/A0\tno recovery target specified\n"
    assert read_history(text) == [
        {"timeline": 1, "ended_at_lsn": "0/314AF68", "reason": "no recovery target specified"},
        {"timeline": 2, "ended_at_lsn": "1/A0", "reason": "no recovery target specified"},
    ]


def test_positions():
    assert lsn_bytes("1/A0") == 2**32 + 160
    assert lsn_difference("1/0", "0/FFFFFFFF") == 1
    assert lsn_difference(None, "0/1") is None


def test_only_the_checkpoint_of_a_shutdown_is_one():
    assert SHUTDOWN_RECORD.search(RECORD)
    assert not SHUTDOWN_RECORD.search(RECORD.replace("CHECKPOINT_SHUTDOWN", "CHECKPOINT_ONLINE"))
