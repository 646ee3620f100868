#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: postgresql_machine_info
short_description: Tell what a machine has for PostgreSQL
version_added: 0.1.0
description:
  - Tells in one task what a role must know before it changes anything, that is memory, cores, installed packages, the
    machine's clusters, and one of them in particular.
  - Reads only. Needs neither PostgreSQL nor its Python libraries.
options:
  version:
    description:
      - Major version of the cluster in question.
    type: int
    required: true
  cluster:
    description:
      - Name of the cluster in question.
    type: str
    default: main
  packages:
    description:
      - Packages whose installed versions are to be told.
    type: list
    elements: str
    default: []
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
- name: Look at the machine
  pgops.fleet.postgresql_machine_info:
    version: 16
    packages: [postgresql-16, postgresql-16-cron]
  register: machine
"""

RETURN = r"""
apt:
  description: Whether the machine has apt-get.
  returned: success
  type: bool
  sample: true
memory_mb:
  description: Memory of the machine in MB.
  returned: success
  type: int
  sample: 7961
cores:
  description: Processors that this process may use.
  returned: success
  type: int
  sample: 2
packages:
  description: Version by name, of those that are installed.
  returned: success
  type: dict
  sample: {postgresql-16: 16.4-1.pgdg120+1}
kernel_obstacle:
  description: Why the kernel is not the machine's own to set; empty where it is.
  returned: success
  type: str
  sample: it is a container, whose kernel is that of its host
clusters:
  description: All clusters of the machine, as C(pg_lsclusters) knows them.
  returned: success
  type: list
  elements: dict
  sample: [{name: 16/main, port: 5432, running: true}]
cluster:
  description: The cluster in question.
  returned: success
  type: dict
  contains:
    exists:
      description: Whether it has been made.
      type: bool
      returned: always
      sample: true
    running:
      description: Whether its server runs.
      type: bool
      returned: always
      sample: true
    port:
      description: Port that its configuration names, null where it has not been made.
      type: int
      returned: always
      sample: 5432
    enabled:
      description: Whether systemd starts it with the machine.
      type: bool
      returned: always
      sample: true
    included_files:
      description: Names of the files in its C(conf.d).
      type: list
      elements: str
      returned: always
      sample: [pgops.conf]
"""

import json
import os
import shutil
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pgops.fleet.plugins.module_utils.kernel import Kernel


def memory_mb(meminfo=Path("/proc/meminfo")):
    """Memory of the machine in MB (1024 kB, as the kernel counts)."""
    line = next(line for line in meminfo.read_text().splitlines() if line.startswith("MemTotal:"))
    return int(line.split()[1]) // 1024


def installed_packages(module, names):
    """Version by name of the packages that are installed, not only known or left with their configuration."""
    if not names or shutil.which("dpkg-query") is None:
        return {}
    form = "${Package}\t${Version}\t${db:Status-Status}\n"
    _status, output, _errors = module.run_command(["dpkg-query", "--show", "--showformat", form, *names])
    rows = [line.split("\t") for line in output.splitlines()]
    return {name: version for name, version, status in rows if status == "installed"}


def clusters(module):
    """All clusters of the machine, none without postgresql-common."""
    if shutil.which("pg_lsclusters") is None:
        return []
    _status, output, _errors = module.run_command(["pg_lsclusters", "--json"], check_rc=True)
    return [
        {
            "name": f"{found['version']}/{found['cluster']}",
            "port": int(found["port"]),
            "running": bool(found["running"]),
        }
        for found in json.loads(output)
    ]


def is_enabled(module, version, cluster):
    """Whether systemd starts the cluster with the machine."""
    if shutil.which("systemctl") is None:
        return False
    _status, output, _errors = module.run_command(["systemctl", "is-enabled", f"postgresql@{version}-{cluster}"])
    return output.strip() in ("enabled", "enabled-runtime")


def included_files(version, cluster, configuration=Path("/etc/postgresql")):
    """Names of the files in a cluster's conf.d."""
    return sorted(path.name for path in (configuration / str(version) / cluster / "conf.d").glob("*.conf"))


def main():
    module = AnsibleModule(
        argument_spec={
            "version": {"type": "int", "required": True},
            "cluster": {"type": "str", "default": "main"},
            "packages": {"type": "list", "elements": "str", "default": []},
        },
        supports_check_mode=True,
    )
    version, name = module.params["version"], module.params["cluster"]
    found = clusters(module)
    this = [cluster for cluster in found if cluster["name"] == f"{version}/{name}"]
    module.exit_json(
        changed=False,
        apt=shutil.which("apt-get") is not None,
        memory_mb=memory_mb(),
        cores=len(os.sched_getaffinity(0)),
        packages=installed_packages(module, module.params["packages"]),
        kernel_obstacle=Kernel().obstacle(),
        clusters=found,
        cluster={
            "exists": bool(this),
            "running": any(cluster["running"] for cluster in this),
            "port": this[0]["port"] if this else None,
            "enabled": bool(this) and is_enabled(module, version, name),
            "included_files": included_files(version, name),
        },
    )


if __name__ == "__main__":
    main()
