# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: cluster_hosts
short_description: Tell which hosts of an inventory are clusters
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Returns all hosts but those that only serve clusters, in the groups C(backup_repository) and C(<system>_pooler).
options:
  _input:
    description: Hosts of all groups, by group.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Clusters of this inventory
  ansible.builtin.debug:
    msg: "{{ groups | pgops.fleet.cluster_hosts | join(', ') }}"
"""

RETURN = r"""
_value:
  description: Names of hosts, sorted.
  type: list
  elements: str
"""

from ansible_collections.pgops.fleet.plugins.module_utils.fleet_check import cluster_hosts


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"cluster_hosts": cluster_hosts}
