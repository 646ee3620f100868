# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: promotion_plan
short_description: Say which standby is to take over from a primary that is gone, and what stands against it
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Refuses while the primary shows any sign of life, unless it is confirmed to be fenced, and a standby that received
    less than another.
positional: _input, members, seen, options
options:
  _input:
    description: What P(pgops.fleet.replication_topology#filter) returned.
    type: dict
    required: true
  members:
    description: What P(pgops.fleet.replication_members#filter) returned.
    type: dict
    required: true
  seen:
    description: Results of M(pgops.fleet.postgresql_replication_info), by host.
    type: dict
    required: true
  options:
    description: >-
      C(to), the standby or nothing; C(fenced), the host that is confirmed to be fenced; C(port_answers); and
      C(giving_up), standbys that may have received more, separated by commas.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Who would take over
  ansible.builtin.debug:
    msg: "{{ (found | pgops.fleet.promotion_plan(members, seen, {'to': '', 'fenced': '', 'port_answers': false})).to }}"
"""

RETURN = r"""
_value:
  description: C(to) and C(from), C(step), C(problems), and C(slots) that the new primary needs.
  type: dict
"""

from ansible_collections.pgops.fleet.plugins.module_utils.role_changes import promotion_plan


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"promotion_plan": promotion_plan}
