#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_promote
short_description: Promote a standby, with the slots that its own standbys will need
version_added: 0.2.0
description:
  - Waits until the standby has received, and replayed, what the old primary wrote last, makes the slots, and promotes.
  - The slots are made before the promotion. They hold the WAL from the last restart point on, which a former primary
    needs when it is rewound and follows.
  - A server that is no standby is left alone.
options:
  beyond_lsn:
    description:
      - Position beyond which the standby must have received, such as that of a stopped primary's last checkpoint.
        Without it the standby is promoted with what it has.
    type: str
  after_shutdown:
    description:
      - Wait for a clean stop of the primary, and promote when its last record, the checkpoint of the shutdown, is the last
        record here too. Start the module first, with C(async), and stop the primary then. No more time passes between stop
        and promotion than the servers need.
    type: bool
    default: false
  slots:
    description:
      - Physical slots to make when they are missing.
    type: list
    elements: str
    default: []
  wait_seconds:
    description:
      - How long to wait for the WAL, and for the promotion.
    type: int
    default: 60
  login_db:
    description:
      - Database to connect to.
    type: str
    default: postgres
attributes:
  check_mode:
    description: Says what a run would do; does not wait.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: none
extends_documentation_fragment:
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Promote when all is there
  become: true
  become_user: postgres
  pgops.fleet.postgresql_promote:
    beyond_lsn: 0/5000028
    slots: [db1]
"""

RETURN = r"""
beyond_lsn:
  description: The position beyond which it had to have received; with O(after_shutdown) that of the primary's last checkpoint.
  returned: when the server was a standby
  type: str
  sample: 0/5000028
received_lsn:
  description: Last position received before the promotion.
  returned: when the server was a standby
  type: str
  sample: 0/50000A0
last_commit_at:
  description: When the last transaction replayed had been committed on the old primary.
  returned: when the server was a standby
  type: str
timeline:
  description: Timeline of the server afterwards.
  returned: success
  type: int
  sample: 2
lsn:
  description: Position of the server afterwards.
  returned: success, unless in check mode
  type: str
seconds:
  description: Time that waiting and promotion took.
  returned: success
  type: float
queries:
  description: Statements that were executed, in check mode those that would be.
  returned: always
  type: list
  elements: str
"""

import re
import subprocess
import time

from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, run_module
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import literal
from ansible_collections.pgops.fleet.plugins.module_utils.replication_state import lsn_bytes

ARGUMENTS = {
    "login_db": {"type": "str", "default": "postgres"},
    "beyond_lsn": {"type": "str"},
    "after_shutdown": {"type": "bool", "default": False},
    "slots": {"type": "list", "elements": "str", "default": []},
    "wait_seconds": {"type": "int", "default": 60},
}
POSITIONS = """
    select greatest(pg_catalog.pg_last_wal_receive_lsn(), pg_catalog.pg_last_wal_replay_lsn())::text as received_lsn,
           pg_catalog.pg_last_wal_replay_lsn()::text as replayed_lsn,
           pg_catalog.pg_last_xact_replay_timestamp()::text as last_commit_at
"""
PRIMARY = """
    select pg_catalog.pg_current_wal_flush_lsn()::text as lsn,
           substr(pg_catalog.pg_walfile_name(pg_catalog.pg_current_wal_lsn()), 1, 8) as timeline_digits
"""
RECEIVING = "select count(*) > 0 from pg_catalog.pg_stat_wal_receiver where status = 'streaming'"
LAST_CHECKPOINT = """
    select c.checkpoint_lsn::text as lsn, c.timeline_id as timeline,
           pg_catalog.current_setting('data_directory') as data_directory,
           pg_catalog.current_setting('server_version_num')::int / 10000 as version
    from pg_catalog.pg_control_checkpoint() c
"""
SHUTDOWN_RECORD = re.compile(r"rmgr: XLOG .* desc: CHECKPOINT_SHUTDOWN ")
POLL_SECONDS = 0.02


def wait_for_shutdown(session, seconds):
    """Return the position of the primary's last checkpoint, which nothing follows; Refused when it does not stop."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if session.value(RECEIVING):
            time.sleep(POLL_SECONDS)
            continue
        wait_for_wal(session, None, 0)
        session.execute("checkpoint")  # a restart point: the last checkpoint replayed comes into the control file
        found = session.row(LAST_CHECKPOINT)
        records = records_from(found)
        if len(records) == 1 and SHUTDOWN_RECORD.search(records[0]):
            return found["lsn"]
        time.sleep(0.2)
    raise Refused(
        f"not promoted: within {seconds} s the primary has not stopped cleanly, as far as the WAL received here tells"
    )


def records_from(checkpoint):
    """Return the records from a checkpoint on, as pg_waldump writes them; the end of WAL is an error to it."""
    done = subprocess.run(
        [
            f"/usr/lib/postgresql/{checkpoint['version']}/bin/pg_waldump",
            f"--path={checkpoint['data_directory']}/pg_wal",
            f"--timeline={checkpoint['timeline']}",
            f"--start={checkpoint['lsn']}",
            "--limit=10",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    return [line for line in done.stdout.splitlines() if line.startswith("rmgr:")]


def wait_for_wal(session, beyond, seconds):
    """Return the positions once everything is received and replayed; Refused when it does not come."""
    deadline = time.monotonic() + seconds
    while True:
        found = session.row(POSITIONS)
        received, replayed = lsn_bytes(found["received_lsn"]), lsn_bytes(found["replayed_lsn"])
        if beyond is None or (received > lsn_bytes(beyond) and replayed >= received):
            return found
        if time.monotonic() > deadline:
            raise Refused(
                f"not promoted: after {seconds} s the standby has received up to {found['received_lsn']} and replayed up "
                f"to {found['replayed_lsn']}; asked was more than {beyond}"
            )
        time.sleep(POLL_SECONDS)


def work(module, session):
    began = time.monotonic()
    if session is None:
        return {"changed": False, "timeline": None, "seconds": 0.0}
    found = {}
    standby = session.value("select pg_catalog.pg_is_in_recovery()")
    if standby:
        seconds, beyond = 0 if module.check_mode else module.params["wait_seconds"], module.params["beyond_lsn"]
        if module.params["after_shutdown"] and not module.check_mode:
            beyond = wait_for_shutdown(session, seconds)
        found = {**wait_for_wal(session, beyond, seconds), "beyond_lsn": beyond}
        make_slots(session, module.params["slots"])
        promote(session, module.params["wait_seconds"])
    if standby and module.check_mode:
        return {"changed": True, **found, "timeline": None, "seconds": 0.0}
    after = session.row(PRIMARY)
    return {
        "changed": standby,
        **found,
        "timeline": int(after["timeline_digits"], 16),
        "lsn": after["lsn"],
        "seconds": round(time.monotonic() - began, 3),
    }


def make_slots(session, names):
    known = {row["name"] for row in session.rows("select slot_name::text as name from pg_catalog.pg_replication_slots")}
    for name in names:
        if name not in known:
            session.change(f"select pg_catalog.pg_create_physical_replication_slot({literal(name)}, true)")


def promote(session, seconds):
    session.change(f"select pg_catalog.pg_promote(true, {int(seconds)})")
    if not session.check_mode and session.value("select pg_catalog.pg_is_in_recovery()"):
        raise Refused(
            f"the promotion was asked for, but the server is still in recovery after {seconds} s; see its log"
        )


def main():
    run_module(ARGUMENTS, work)


if __name__ == "__main__":
    main()
