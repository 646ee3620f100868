# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: pooler_declarations
short_description: What a system declares for its poolers
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Returns the role, the function and the lines of C(pg_hba.conf) by which the poolers of the group C(<system>_pooler)
    are let in; nothing without such hosts.
positional: _input, hostvars, groups, host
options:
  _input:
    description: Dictionary that a system role declares.
    type: dict
    required: true
  hostvars:
    description: Variables of all hosts.
    type: dict
    required: true
  groups:
    description: Hosts by group.
    type: dict
    required: true
  host:
    description: Host of the cluster.
    type: str
    required: true
  further:
    description: Lists C(roles) and C(databases) that environment and host declare besides.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: What the cluster declares
  ansible.builtin.debug:
    msg: "{{ postgresql_system | pgops.fleet.pooler_declarations(hostvars, groups, inventory_hostname) }}"
"""

RETURN = r"""
_value:
  description: Lists C(databases), C(roles), C(privileges) and C(hba), or an empty dictionary.
  type: dict
"""

from ansible_collections.pgops.fleet.plugins.module_utils import pooler_access


def pooler_declarations(system, hostvars, groups, host, further=None):
    return pooler_access.pooler_declarations(system, further or {}, hostvars, groups, host)


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"pooler_declarations": pooler_declarations}
