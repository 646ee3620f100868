# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: replication_members
short_description: Tell which hosts replicate one cluster
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Reads the members of a host's physical cluster from the groups C(<system>_primary) and C(<system>_standby), with
    address, port, slot and wishes of each, how they connect to each other, and the role and lines of C(pg_hba.conf) that
    all of them need.
  - Returns nothing for a host whose system has no standby.
positional: _input, groups, host
options:
  _input:
    description: Variables of all hosts, by host.
    type: dict
    required: true
  groups:
    description: Hosts of all groups, by group.
    type: dict
    required: true
  host:
    description: The host.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Members of this host's cluster
  ansible.builtin.debug:
    msg: "{{ (hostvars | pgops.fleet.replication_members(groups, inventory_hostname)).members.keys() }}"
"""

RETURN = r"""
_value:
  description: C(system), C(first), C(role), C(members), C(connection) and C(declarations), or an empty dictionary.
  type: dict
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils.replication_members import MembersError, members_of


def replication_members(hostvars, groups, host):
    try:
        return members_of(hostvars, groups, host)
    except MembersError as error:
        raise AnsibleFilterError(f"replication_members: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"replication_members": replication_members}
