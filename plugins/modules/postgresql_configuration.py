#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_configuration
short_description: Declare the settings and access rules of a PostgreSQL cluster
version_added: 0.1.0
description:
  - Writes one file with the settings, C(conf.d/pgops.conf), with a section a concern, and the whole of C(pg_hba.conf)
    and C(pg_ident.conf). Other files in C(conf.d) are left alone; what they or C(ALTER SYSTEM) override is returned.
  - A change is tried first, by starting a throwaway server with the new files (about a second). It has its own data
    directory and socket, listens on no network, archives nothing and runs no job. What PostgreSQL refuses leaves
    files and server as they were, and the error has the server's own words.
  - A running server reads changed files at once. Settings that need a restart are returned; this module never
    restarts.
  - Nothing is tried or written when the files are as declared. Files that the server has not read yet are read.
options:
  version:
    description: Major version of PostgreSQL.
    type: int
    required: true
  cluster:
    description: Name of the cluster.
    type: str
    default: main
  settings:
    description:
      - All settings of our file, by PostgreSQL's names. What is not named is removed from the file.
      - Booleans are written as on and off, lists with commas. A null value is left out.
    type: dict
    required: true
  comments:
    description: Comments to be written above settings, by the setting's name.
    type: dict
    default: {}
  hba:
    description:
      - Lines of C(pg_hba.conf), in order; the first that matches a connection counts.
      - Without it the file is left alone.
    type: list
    elements: dict
    suboptions:
      type:
        description: Kind of connection.
        type: str
        choices: [local, host, hostssl, hostnossl, hostgssenc, hostnogssenc]
        required: true
      database:
        description:
          - Database, or list of databases. Keywords are as in the manual; in double quotes they are plain names.
        type: raw
        required: true
      user:
        description: Role, or list of roles.
        type: raw
        required: true
      address:
        description: Address with mask length, host name, or keyword; none for C(local).
        type: str
      method:
        description: Authentication method.
        type: str
        required: true
      options:
        description: Options of the method.
        type: dict
      comment:
        description: Comment above the line.
        type: str
      state:
        description: V(absent) leaves the line out.
        type: str
        choices: [present, absent]
        default: present
  ident:
    description: Lines of C(pg_ident.conf). Without it the file is left alone.
    type: list
    elements: dict
    suboptions:
      map:
        description: Name of the map.
        type: str
        required: true
      system_user:
        description: Name that the authentication reports.
        type: str
        required: true
      database_user:
        description: Role that it may use.
        type: str
        required: true
      comment:
        description: Comment above the line.
        type: str
      state:
        description: V(absent) leaves the line out.
        type: str
        choices: [present, absent]
        default: present
  config_directory:
    description: Folder of the configuration files. By default C(/etc/postgresql/<version>/<cluster>).
    type: path
  data_directory:
    description: Data directory of the cluster. By default what C(postgresql.conf) says.
    type: path
  binary_directory:
    description: Folder of the server's programs. By default C(/usr/lib/postgresql/<version>/bin).
    type: path
  scratch_directory:
    description: Folder in which the throwaway server gets a folder of its own (about 40 MB).
    type: path
    default: /tmp
  reset_overrides:
    description:
      - Take back everything that C(ALTER SYSTEM) has set, declared or not, but for what makes a server a standby.
      - Files of others in C(conf.d) are left alone in any case.
    type: bool
    default: false
  prerequisites_pending:
    description:
      - In check mode, say that an earlier task would install libraries or put certificates in place. A refusal is
        then a warning, since it may be only about these.
    type: bool
    default: false
  login_db:
    description: Database to connect to.
    type: str
    default: postgres
notes:
  - PostgreSQL 16 or later, with the directory layout of Debian's postgresql-common.
  - Runs as the operating system user that owns the cluster, with C(become_user=postgres). Only the check mode of a
    host without PostgreSQL may run as root.
  - In check mode on a host without PostgreSQL, or without the cluster, the result says that it could not be tried yet.
attributes:
  check_mode:
    support: full
    description: The change is tried as in a run; nothing is written.
  diff_mode:
    support: full
    description: Shows each file before and after.
extends_documentation_fragment:
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Settings and access
  become: true
  become_user: postgres
  pgops.fleet.postgresql_configuration:
    version: 16
    settings:
      shared_buffers: 2GB
      shared_preload_libraries: [pg_cron, pg_stat_statements]
      cron.database_name: transactions
      log_checkpoints: true
    hba:
      - {type: local, database: all, user: postgres, method: peer}
      - type: hostssl
        database: transactions
        user: transactions_replication
        address: 192.0.2.12/32
        method: scram-sha-256
        comment: The subscriber
  register: configuration

- name: Restart when something waits for it
  ansible.builtin.service:
    name: postgresql@16-main
    state: restarted
  when: configuration.restart_required
"""

RETURN = r"""
files:
  description: Files that were changed, or would be.
  returned: success
  type: list
  elements: str
validated:
  description: Whether the new files were tried. False when nothing changed, and when they cannot be tried yet.
  returned: success
  type: bool
running:
  description: Whether the cluster's server runs.
  returned: success
  type: bool
reloaded:
  description: Whether the server read its files again, or would.
  returned: success
  type: bool
pending_restart:
  description:
    - Settings whose new value waits for a restart, as the running server says. In check mode with those that would.
  returned: success
  type: list
  elements: str
restart_required:
  description: Whether O(ignore:pending_restart) names any.
  returned: success
  type: bool
huge_pages:
  description:
    - Huge pages that the shared memory takes at the next start. Null where the kernel has none, and while a setting
      from an earlier run waits for a restart.
  returned: success
  type: int
  sample: 145
overrides:
  description: Declared settings that another file overrides, with C(name), C(declared), C(value), C(file) and C(line).
  returned: success
  type: list
  elements: dict
queries:
  description: Statements that changed something.
  returned: success
  type: list
  elements: str
"""

import signal
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.cluster_files import Cluster
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import ConfigurationError
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_run import ConfigurationRun
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, Session, connect, server_message
from ansible_collections.pgops.fleet.plugins.module_utils.running_server import RunningServer

STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
TEXT = {"type": "str"}
NEEDED_TEXT = {"type": "str", "required": True}
HBA = {
    "type": {
        "type": "str",
        "required": True,
        "choices": ["local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"],
    },
    "database": {"type": "raw", "required": True},
    "user": {"type": "raw", "required": True},
    "address": TEXT,
    "method": NEEDED_TEXT,
    "options": {"type": "dict"},
    "comment": TEXT,
    "state": STATE,
}
IDENT = {
    "map": NEEDED_TEXT,
    "system_user": NEEDED_TEXT,
    "database_user": NEEDED_TEXT,
    "comment": TEXT,
    "state": STATE,
}
# It waits for the trial between two statements, whatever the server's settings say of that.
PATIENT = "-c idle_session_timeout=0 -c statement_timeout=0"
OPTIONS = {
    "version": {"type": "int", "required": True},
    "cluster": {"type": "str", "default": "main"},
    "settings": {"type": "dict", "required": True},
    "comments": {"type": "dict", "default": {}},
    "hba": {"type": "list", "elements": "dict", "options": HBA},
    "ident": {"type": "list", "elements": "dict", "options": IDENT},
    "config_directory": {"type": "path"},
    "data_directory": {"type": "path"},
    "binary_directory": {"type": "path"},
    "scratch_directory": {"type": "path", "default": "/tmp"},
    "reset_overrides": {"type": "bool", "default": False},
    "prerequisites_pending": {"type": "bool", "default": False},
    "login_db": {"type": "str", "default": "postgres"},
}


def open_server(module, cluster):
    """Connect to the cluster's server and make sure that it is this cluster's."""
    postgres.ensure_required_libs(module)
    try:
        session = Session(connect({**postgres.get_conn_params(module, module.params), "options": PATIENT}))
    except postgres.psycopg.OperationalError as error:
        raise Refused(
            f"the server of cluster {cluster.name} runs, but cannot be reached: {server_message(error)}. "
            "Check login_unix_socket, login_port and login_user."
        ) from error
    found = session.value("select pg_catalog.current_setting('data_directory')")
    if Path(found).resolve() != cluster.data.resolve():
        raise Refused(
            f"port {module.params['login_port']} leads to the server in {found}, not to cluster {cluster.name} "
            f"in {cluster.data}; set login_port to the cluster's own"
        )
    return RunningServer(session)


def end(_signal, _frame):
    raise SystemExit("ended by a signal")


def main():
    module = AnsibleModule(argument_spec=postgres.postgres_common_argument_spec() | OPTIONS, supports_check_mode=True)
    # A run that is ended by a signal still stops the throwaway server and puts files back.
    signal.signal(signal.SIGTERM, end)
    version, name = module.params["version"], module.params["cluster"]
    module.params["binary_directory"] = module.params["binary_directory"] or f"/usr/lib/postgresql/{version}/bin"
    config = Path(module.params["config_directory"] or f"/etc/postgresql/{version}/{name}")
    cluster = Cluster(version, name, config, module.params["data_directory"])
    try:
        run = ConfigurationRun(
            cluster, module.params, module.check_mode, lambda: open_server(module, cluster), module.warn
        )
        result = run.run()
    except (Refused, ConfigurationError) as refusal:
        module.fail_json(msg=str(refusal))
    except getattr(postgres.psycopg, "Error", ()) as error:
        module.fail_json(msg=server_message(error))
    module.exit_json(**result)


if __name__ == "__main__":
    main()
