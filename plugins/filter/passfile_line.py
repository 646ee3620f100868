# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: passfile_line
short_description: Write a line of a password file
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Joins host, port, database, user and password as libpq reads them, with colons and backslashes escaped.
positional: _input
options:
  _input:
    description: The five fields; V(*) matches anything.
    type: list
    elements: raw
    required: true
"""

EXAMPLES = r"""
- name: A password file
  pgops.fleet.files:
    files:
      - path: /var/lib/postgresql/.pgpass
        content: "{{ ['db1', 5432, '*', 'app', password] | pgops.fleet.passfile_line }}"
        mode: "0600"
        secret: true
  no_log: true
"""

RETURN = r"""
_value:
  description: The line, with its line break.
  type: str
"""


def passfile_line(fields):
    return ":".join(str(field).replace("\\", "\\\\").replace(":", "\\:") for field in fields) + "\n"


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"passfile_line": passfile_line}
