# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: of_database
short_description: Select what is declared for one database
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Returns the items whose C(database) is the given one, without that key.
  - An item without C(database) belongs to the host's first database, which is the system's own on a host that has a system.
positional: _input, database, databases
options:
  _input:
    description: Items such as partition policies, incremental views or privileges.
    type: list
    elements: dict
    required: true
  database:
    description: Name of the database.
    type: str
    required: true
  databases:
    description: Names of all databases of the host, the first of them the one meant where none is named.
    type: list
    elements: str
    required: true
"""

EXAMPLES = r"""
- name: Partition policies of one database
  ansible.builtin.debug:
    msg: "{{ postgresql_partitions | pgops.fleet.of_database('transactions', ['transactions']) }}"
"""

RETURN = r"""
_value:
  description: The items of the database.
  type: list
"""


def of_database(items, database, databases):
    return [
        {key: value for key, value in item.items() if key != "database"}
        for item in items
        if (item.get("database") or databases[0]) == database
    ]


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"of_database": of_database}
