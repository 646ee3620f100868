# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: sql_set
short_description: Read a folder of versioned and repeatable SQL files
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Reads the folder on the controller, so that the files need not be copied to the host.
  - Refuses badly named files, two versioned files of one version, and text that is not UTF-8.
positional: _input
options:
  _input:
    description: The folder.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Apply the engine
  pgops.fleet.postgresql_scripts:
    login_db: transactions
    sets:
      - name: pgops
        scripts: "{{ (playbook_dir ~ '/files/sql/pgops') | pgops.fleet.sql_set }}"
"""

RETURN = r"""
_value:
  description: Dictionaries with C(name) and C(content), in the order in which they are applied.
  type: list
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils.sql_sets import SqlSetError, read_sql_set


def sql_set(path):
    try:
        return read_sql_set(path)
    except SqlSetError as error:
        raise AnsibleFilterError(f"sql_set: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"sql_set": sql_set}
