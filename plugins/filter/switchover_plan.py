# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: switchover_plan
short_description: Say what a planned change of the primary has to do, and what stands against it
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Looks at lag, health and logical slots. Finds out where a switchover that was interrupted has to go on.
positional: _input, members, seen, target, options
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
  target:
    description: Host that is to be the primary.
    type: str
    required: true
  options:
    description: C(max_lag_bytes) and C(abandoned_slots).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: What stands against it
  ansible.builtin.debug:
    msg: "{{ (found | pgops.fleet.switchover_plan(members, seen, 'db2', {'max_lag_bytes': 0, 'abandoned_slots': []})).problems }}"
"""

RETURN = r"""
_value:
  description: C(step) to go on from, C(from) which host, C(problems), and C(slots) that the new primary needs.
  type: dict
"""

from ansible_collections.pgops.fleet.plugins.module_utils.role_changes import switchover_plan


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"switchover_plan": switchover_plan}
