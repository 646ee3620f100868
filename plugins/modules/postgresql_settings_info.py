#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_settings_info
short_description: Hold declared settings against what a running server has
version_added: 0.2.0
description:
  - Says of each declared setting whether it is in force, and else what keeps it from it - not deployed yet, not read
    yet, waiting for a restart, overridden by another file, by C(ALTER SYSTEM) or by the command line, or refused.
  - Names what nobody declares and somebody has set by hand.
  - Looks only; changes nothing.
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
    description: The declared settings, as M(pgops.fleet.postgresql_configuration) takes them.
    type: dict
    required: true
  config_directory:
    description: Folder of the configuration files. By default C(/etc/postgresql/<version>/<cluster>).
    type: path
  login_db:
    description: Database to connect to.
    type: str
    default: postgres
notes:
  - PostgreSQL 16 or later, with the directory layout of Debian's postgresql-common.
  - Connects as a superuser, since only these see the files.
attributes:
  check_mode:
    support: full
    description: Changes nothing in any mode.
  diff_mode:
    support: none
    description: Changes nothing.
extends_documentation_fragment:
  - community.postgresql.postgres
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: What of the declared settings is in force
  become: true
  become_user: postgres
  pgops.fleet.postgresql_settings_info:
    version: 16
    settings:
      work_mem: 32MB
  register: found
"""

RETURN = r"""
settings:
  description:
    - A dictionary a setting, in order of names, with C(name), C(declared), C(running), C(state), C(place) and C(detail).
    - C(state) is one of V(in force), V(not deployed), V(not read yet), V(waits for a restart), V(overridden), V(refused),
      V(by hand) (C(ALTER SYSTEM), and nobody declares it) and V(beside ours) (another file, and nobody declares it).
  returned: success
  type: list
  elements: dict
drift:
  description: Names of those that are not as declared.
  returned: success
  type: list
  elements: str
"""

from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils import settings_state
from ansible_collections.pgops.fleet.plugins.module_utils.cluster_files import Cluster
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import ConfigurationError
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Session, connect, server_message

OPTIONS = {
    "version": {"type": "int", "required": True},
    "cluster": {"type": "str", "default": "main"},
    "settings": {"type": "dict", "required": True},
    "config_directory": {"type": "path"},
    "login_db": {"type": "str", "default": "postgres"},
}
LOADED_AT = "select extract(epoch from pg_catalog.pg_conf_load_time())"


def look(session, cluster, settings):
    """Return the module's result."""
    loaded_at = float(session.value(LOADED_AT))
    ours = cluster.our_file
    judged = settings_state.judge(
        settings,
        session.rows(settings_state.RUNNING),
        session.rows(settings_state.IN_FILES),
        ours,
        cluster.main_file,
        read=not ours.exists() or ours.stat().st_mtime <= loaded_at,
    )
    return {"settings": judged, "drift": [item["name"] for item in settings_state.drift(judged)]}


def main():
    module = AnsibleModule(argument_spec=postgres.postgres_common_argument_spec() | OPTIONS, supports_check_mode=True)
    postgres.ensure_required_libs(module)
    version, name = module.params["version"], module.params["cluster"]
    config = Path(module.params["config_directory"] or f"/etc/postgresql/{version}/{name}")
    try:
        session = Session(connect(postgres.get_conn_params(module, module.params)))
        result = look(session, Cluster(version, name, config), module.params["settings"])
    except ConfigurationError as refusal:
        module.fail_json(msg=str(refusal))
    except postgres.psycopg.Error as error:
        module.fail_json(msg=server_message(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
