#!/usr/bin/python
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: kernel_settings
short_description: Declare kernel settings and huge pages of a machine with PostgreSQL clusters
version_added: 0.1.0
description:
  - Writes C(/etc/sysctl.d/60-pgops.conf) and C(/etc/tmpfiles.d/pgops.conf), which the machine reads at its start, and
    sets the running kernel.
  - Huge pages are the sum of the shares of all clusters of the machine; each cluster declares its own, and the file
    names them.
  - A machine whose kernel is not its own, such as a container, is left alone; the result says why.
  - A setting that the kernel does not know or refuses is an error, and what was set before it is put back.
  - What is no longer declared goes from the file; the running kernel keeps it until the machine starts again.
options:
  cluster:
    description: Cluster whose share of huge pages it is, such as C(16/main).
    type: str
    required: true
  settings:
    description: Kernel settings by the names of C(sysctl). A null value is left out. The file has no others.
    type: dict
    default: {}
  huge_pages:
    description:
      - Huge pages that the cluster needs for its shared memory, as its server's C(shared_memory_size_in_huge_pages)
        says; 0 gives its share back, and without it the share stays as it is.
    type: int
  transparent_huge_pages:
    description: Mode of transparent huge pages. Without it the mode stays as it is.
    type: str
    choices: [always, madvise, never]
attributes:
  check_mode:
    support: full
    description: Says what a run would change. Whether the kernel takes a value, and finds the pages, shows only in a run.
  diff_mode:
    support: full
    description: Shows the files, and the values of the running kernel.
author:
  - pgops (@pgops)
"""

EXAMPLES = r"""
- name: Kernel
  pgops.fleet.kernel_settings:
    cluster: 16/main
    settings: {vm.swappiness: 10}
    huge_pages: 1090
    transparent_huge_pages: madvise
"""

RETURN = r"""
obstacle:
  description: Why the kernel is left alone; empty where it is not.
  returned: success
  type: str
  sample: it is a container, whose kernel is that of its host
huge_pages:
  description: Huge pages that are declared for all clusters, and that the kernel has.
  returned: success
  type: dict
  sample: {declared: 1090, reserved: 1090}
"""

import fcntl
from pathlib import Path

from ansible.module_utils.basic import AnsibleModule

from ansible_collections.pgops.fleet.plugins.module_utils.kernel import (
    HUGE_PAGES,
    TRANSPARENT,
    Kernel,
    KernelChange,
    KernelError,
)

LOCK = Path("/run/lock/pgops-kernel")


def main():
    module = AnsibleModule(
        argument_spec={
            "cluster": {"type": "str", "required": True},
            "settings": {"type": "dict", "default": {}},
            "huge_pages": {"type": "int"},
            "transparent_huge_pages": {"type": "str", "choices": list(TRANSPARENT)},
        },
        supports_check_mode=True,
    )
    kernel, given = Kernel(), module.params
    obstacle = kernel.obstacle()
    if obstacle:
        module.exit_json(changed=False, obstacle=obstacle, huge_pages={"declared": 0, "reserved": 0})
    # Several clusters of a machine may be deployed at once, and share the file.
    lock = LOCK.open("w")
    fcntl.flock(lock, fcntl.LOCK_EX)
    try:
        change = KernelChange(
            kernel, given["cluster"], given["settings"], given["huge_pages"], given["transparent_huge_pages"]
        )
        diff = change.diff()
        if change.is_due and not module.check_mode:
            change.apply()
    except KernelError as error:
        module.fail_json(msg=str(error))
    reserved = kernel.value(HUGE_PAGES)
    module.exit_json(
        changed=change.is_due,
        diff=diff,
        obstacle="",
        huge_pages={"declared": sum(change.shares.values()), "reserved": int(reserved or 0)},
    )


if __name__ == "__main__":
    main()
