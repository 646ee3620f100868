#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_replication_info
short_description: Tell a cluster's place in streaming replication
version_added: 0.2.0
description:
  - Tells whether a cluster is a primary or a standby by asking its server, its timeline and positions in WAL, what it is
    fed from, its slots, and who receives from it. A stopped cluster is judged by its files and C(pg_controldata).
  - Reads only. A host without PostgreSQL, or without the cluster, is told as such.
options:
  version:
    description:
      - Major version of the cluster.
    type: int
    required: true
  cluster:
    description:
      - Name of the cluster.
    type: str
    default: main
  port:
    description:
      - Port, which is part of the socket's name.
    type: int
    default: 5432
  data_directory:
    description:
      - Data directory. By default what C(postgresql.conf) says, or Debian's place.
    type: path
  socket_directory:
    description:
      - Directory of the server's socket.
    type: path
    default: /var/run/postgresql
notes:
  - Runs as root or as the cluster's owner; run as root it becomes the owner before it connects.
  - PostgreSQL 16 or later, with the directory layout of Debian's postgresql-common.
attributes:
  check_mode:
    description: Changes nothing anyway.
    support: full
  diff_mode:
    description: Has nothing to show.
    support: none
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Look at the cluster
  pgops.fleet.postgresql_replication_info:
    version: 17
  register: replication

- name: Say what it is
  ansible.builtin.debug:
    msg: "{{ 'a standby' if replication.in_recovery else 'a primary' }} on timeline {{ replication.timeline }}"
  when: replication.running
"""

RETURN = r"""
exists:
  description: Whether the data directory holds a cluster.
  returned: success
  type: bool
configured:
  description: Whether the cluster has its folder below C(/etc/postgresql).
  returned: success
  type: bool
data_directory:
  description: The data directory.
  returned: success
  type: str
running:
  description: Whether a server works in the data directory.
  returned: success
  type: bool
accepting:
  description: Whether it accepts connections.
  returned: success
  type: bool
message:
  description: Why it does not.
  returned: success
  type: str
startable:
  description: Whether it may be started; a cluster whose C(start.conf) says C(disabled) may not.
  returned: success
  type: bool
standby_signal:
  description: Whether it starts as a standby.
  returned: success
  type: bool
backup_label:
  description: Whether it is a copy, or was rewound, and has not been started since.
  returned: success
  type: bool
in_recovery:
  description: Whether it is a standby. Of a stopped cluster, whether it would start as one.
  returned: success
  type: bool
system_identifier:
  description: Identifies the cluster and all copies of it.
  returned: when the cluster exists
  type: str
timeline:
  description: Timeline that it writes or receives.
  returned: when the cluster exists
  type: int
lsn:
  description: Last position flushed by a primary, or received by a standby; of a stopped cluster the latest checkpoint.
  returned: when the cluster exists
  type: str
control:
  description: What C(pg_controldata) says of a stopped cluster, with C(state), C(checkpoint_lsn) and C(timeline).
  returned: success
  type: dict
upstream:
  description: What a standby is fed from, with C(status), C(host), C(port), C(slot), C(sender_lsn) and C(heard_seconds_ago).
  returned: when the server accepts connections
  type: dict
received_lsn:
  description: Last position received.
  returned: when it is a running standby
  type: str
replayed_lsn:
  description: Last position replayed.
  returned: when it is a running standby
  type: str
replay_lag_bytes:
  description: Bytes received and not replayed.
  returned: when it is a running standby
  type: int
replay_delayed:
  description: >-
    Whether replay waits on purpose at the moment (C(recovery_min_apply_delay)). After a start such a standby receives nothing
    until it has replayed what it has.
  returned: when the server accepts connections
  type: bool
last_commit_at:
  description: When the last transaction that was replayed had been committed on the primary.
  returned: when it is a running standby
  type: str
slots:
  description: Replication slots, with C(name), C(type), C(active), C(failover), C(synced), C(restart_lsn) and others.
  returned: when the server accepts connections
  type: list
  elements: dict
receivers:
  description: Who receives from this server, with C(name), C(state), C(sync_state), C(flush_lsn), C(lag_bytes) and others.
  returned: when the server accepts connections
  type: list
  elements: dict
settings:
  description: Settings that matter between primary and standby.
  returned: when the server accepts connections
  type: dict
history:
  description: Earlier timelines, with C(timeline), C(ended_at_lsn) and C(reason).
  returned: when the server accepts connections
  type: list
  elements: dict
"""

import contextlib
import os
import subprocess
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.cluster_files import Cluster, read_text
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Session, connect, server_message
from ansible_collections.pgops.fleet.plugins.module_utils.replication_server import server_state
from ansible_collections.pgops.fleet.plugins.module_utils.replication_state import read_control

ARGUMENTS = {
    "version": {"type": "int", "required": True},
    "cluster": {"type": "str", "default": "main"},
    "port": {"type": "int", "default": 5432},
    "data_directory": {"type": "path"},
    "socket_directory": {"type": "path", "default": "/var/run/postgresql"},
}


def works_in(data):
    """Tell whether a server works in the data directory; a stale pid file may name another's process."""
    text = read_text(data / "postmaster.pid")
    if not text:
        return False
    try:
        return Path(f"/proc/{int(text.split()[0])}/cwd").resolve(strict=True) == data.resolve()
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def as_owner(data):
    """Act as the owner of the data directory: the server knows him at its socket, root it does not."""
    if os.geteuid() != 0:
        yield
        return
    status = data.stat()
    os.setegid(status.st_gid)
    os.seteuid(status.st_uid)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


def open_session(options, data):
    with as_owner(data):
        connection = connect(
            {
                "host": options["socket_directory"],
                "port": options["port"],
                "user": "postgres",
                "dbname": "postgres",
                "connect_timeout": 5,
                "application_name": "ansible postgresql_replication_info",
            }
        )
    return Session(connection)


def control_of(version, data):
    """Return what pg_controldata says."""
    done = subprocess.run(
        [f"/usr/lib/postgresql/{version}/bin/pg_controldata", "-D", data],
        capture_output=True,
        text=True,
        env={"LC_ALL": "C"},
        check=False,
    )
    return read_control(done.stdout)


def stopped(version, data, found):
    """Complete the state of a cluster whose server does not run, or does not answer."""
    control = control_of(version, data)
    return {
        "control": control,
        "in_recovery": found["standby_signal"],
        "system_identifier": control.get("system_identifier"),
        "timeline": control.get("timeline"),
        "lsn": control.get("checkpoint_lsn"),
    }


def look(module):
    """Return the cluster's state."""
    options = module.params
    cluster = Cluster(
        options["version"],
        options["cluster"],
        Path(f"/etc/postgresql/{options['version']}/{options['cluster']}"),
    )
    configured = cluster.main_file.exists()
    data = cluster.data if configured or not options["data_directory"] else Path(options["data_directory"])
    found = {
        "exists": (data / "PG_VERSION").exists(),
        "configured": configured,
        "data_directory": str(data),
        "running": False,
        "accepting": False,
        "message": "",
        "startable": "disabled" not in (read_text(cluster.config / "start.conf") or "").split(),
        "standby_signal": (data / "standby.signal").exists(),
        "backup_label": (data / "backup_label").exists(),
        "in_recovery": False,
        "control": {},
    }
    if not found["exists"]:
        return found
    with as_owner(data):  # root without all its capabilities may not see where another's process works
        found["running"] = works_in(data)
    if found["running"]:
        postgres.ensure_required_libs(module)
        try:
            session = open_session(options, data)
            return {**found, "accepting": True, **server_state(session)}
        except postgres.psycopg.OperationalError as error:
            found["message"] = server_message(error)
    return {**found, **stopped(options["version"], data, found)}


def main():
    module = AnsibleModule(argument_spec=ARGUMENTS, supports_check_mode=True)
    try:
        result = look(module)
    except getattr(postgres.psycopg, "Error", ()) as error:
        module.fail_json(msg=server_message(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
