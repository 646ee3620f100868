# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: derived_settings_explained
short_description: Explain derived PostgreSQL settings
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - The same as P(pgops.fleet.derived_settings#filter), as a list with the formula and its source.
positional: _input
options:
  _input:
    description: Ansible's facts, or a dictionary with any of the options below.
    type: dict
    required: true
  memory_mb:
    description: Memory this cluster may count on, in megabytes, when it is not the whole machine.
    type: int
  cores:
    description: Cores this cluster may count on.
    type: int
  storage:
    description: Kind of storage.
    type: str
    choices: [ssd, hdd]
    default: ssd
  workload:
    description: Many short statements, few large ones, or both.
    type: str
    choices: [oltp, analytics, mixed]
    default: oltp
  max_connections:
    description: Connections the server allows; C(work_mem) depends on it.
    type: int
    default: 100
  version:
    description: Major version of PostgreSQL.
    type: int
    default: 16
"""

EXAMPLES = r"""
- name: Where the numbers come from
  ansible.builtin.debug:
    msg: "{{ ansible_facts | pgops.fleet.derived_settings_explained }}"
"""

RETURN = r"""
_value:
  description: Dictionaries with C(name), C(value), C(formula) and C(source).
  type: list
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils.derived_settings import DerivationError, explain, machine_from


def derived_settings_explained(facts, **wishes):
    try:
        return explain(machine_from(facts, **wishes))
    except DerivationError as error:
        raise AnsibleFilterError(f"derived_settings_explained: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"derived_settings_explained": derived_settings_explained}
