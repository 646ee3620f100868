# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: merged_inventory
short_description: Merge everything that system, environment and host declare
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Merges C(postgresql_system), C(postgresql_<list>) and C(postgresql_host_<list>) for every list of the inventory,
    each by its own key, as P(pgops.fleet.merge_layers#filter) does.
positional: _input
options:
  _input:
    description: Names and values of the host's variables.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Jobs of this host
  vars:
    _names: "{{ query('ansible.builtin.varnames', '^postgresql_') }}"
  ansible.builtin.debug:
    msg: "{{ (dict(_names | zip(query('ansible.builtin.vars', *_names))) | pgops.fleet.merged_inventory).cron_jobs }}"
"""

RETURN = r"""
_value:
  description: C(settings) as a dictionary; C(databases), C(roles), C(privileges), C(default_privileges),
    C(partitions), C(incremental_views), C(cron_jobs), C(publications), C(hba) and C(ident) as lists.
  type: dict
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils import inventory_check
from ansible_collections.pgops.fleet.plugins.module_utils.layers import LayerError


def merged_inventory(variables):
    try:
        return inventory_check.merge_inventory(variables)
    except LayerError as error:
        raise AnsibleFilterError(f"merged_inventory: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"merged_inventory": merged_inventory}
