# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: database_contents
short_description: Sort what a host declares by database
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Returns what each database is to hold, in the form of O(pgops.fleet.postgresql_contents#module:contents).
  - An item without C(database) belongs to the host's first database but C(postgres), a system's own where there is one.
  - Databases that are declared absent are left out.
positional: _input, script_sets
options:
  _input:
    description: The declarations of a host, as P(pgops.fleet.merged_inventory#filter) returns them.
    type: dict
    required: true
  script_sets:
    description: Sets of SQL files by name of the database, each with its files.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Partition policies of the host's first database
  ansible.builtin.debug:
    msg: "{{ (declared | pgops.fleet.database_contents)[0].partitions }}"
  vars:
    declared: "{{ variables | pgops.fleet.merged_inventory }}"
"""

RETURN = r"""
_value:
  description: A dictionary a database, with C(database), C(scripts) and the lists of what it holds.
  type: list
  elements: dict
"""

LISTS = ("partitions", "incremental_views", "privileges", "default_privileges", "publications")


def database_contents(declared, script_sets=None):
    names = [database["name"] for database in declared["databases"] if database.get("state", "present") == "present"]
    first = next((name for name in names if name != "postgres"), "postgres")
    return [
        {
            "database": name,
            "scripts": (script_sets or {}).get(name, []),
            **{
                key: [
                    {attribute: value for attribute, value in item.items() if attribute != "database"}
                    for item in declared[key]
                    if (item.get("database") or first) == name
                ]
                for key in LISTS
            },
        }
        for name in names
    ]


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"database_contents": database_contents}
