# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: replication_topology
short_description: Judge who is primary and who is standby, from what the servers say
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Takes what M(pgops.fleet.postgresql_replication_info) said of each member and returns who is the primary, what each
    member is, what a deploy has to do for it, and why it must not be touched.
positional: _input, members, rebuild
options:
  _input:
    description: Results of M(pgops.fleet.postgresql_replication_info), by host.
    type: dict
    required: true
  members:
    description: What P(pgops.fleet.replication_members#filter) returned.
    type: dict
    required: true
  rebuild:
    description: Host whose cluster may be replaced by a new copy.
    type: str
    default: ""
"""

EXAMPLES = r"""
- name: Who is the primary
  ansible.builtin.debug:
    msg: "{{ (seen | pgops.fleet.replication_topology(members)).primary }}"
"""

RETURN = r"""
_value:
  description: C(primary), C(timeline), C(members), C(problems), C(notes) and C(report).
  type: dict
"""

from ansible_collections.pgops.fleet.plugins.module_utils.replication_topology import topology


def replication_topology(seen, members, rebuild=""):
    return topology(members, seen, rebuild)


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"replication_topology": replication_topology}
