# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: stale_slots
short_description: Name the slots that a former primary must not keep as a standby
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Logical slots with C(failover) that are not C(synced) stand in the way of their own synchronisation. Physical slots of
    members that the host does not feed any more hold WAL for nobody.
positional: _input, members, host
options:
  _input:
    description: What M(pgops.fleet.postgresql_replication_info) said of the host.
    type: dict
    required: true
  members:
    description: What P(pgops.fleet.replication_members#filter) returned.
    type: dict
    required: true
  host:
    description: The host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Slots to drop
  ansible.builtin.debug:
    msg: "{{ state | pgops.fleet.stale_slots(members, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: Names of slots.
  type: list
"""

from ansible_collections.pgops.fleet.plugins.module_utils import role_changes


def stale_slots(state, members, host):
    return role_changes.stale_slots(members, host, state)


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"stale_slots": stale_slots}
