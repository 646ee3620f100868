# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: with_declarations
short_description: Merge more declarations into those of a system
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Merges lists of declarations into the lists of a system, by the keys of the inventory's lists.
positional: _input, declarations
options:
  _input:
    description: Dictionary that a system role declares.
    type: dict
    required: true
  declarations:
    description: Lists by the names of the inventory's lists.
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: A system with one role more
  ansible.builtin.debug:
    msg: "{{ postgresql_system | pgops.fleet.with_declarations({'roles': [{'name': 'auditor'}]}) }}"
"""

RETURN = r"""
_value:
  description: The dictionary.
  type: dict
"""

from ansible_collections.pgops.fleet.plugins.module_utils.pooler_access import with_declarations


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"with_declarations": with_declarations}
