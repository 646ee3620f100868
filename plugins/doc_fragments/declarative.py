# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations


class ModuleDocFragment:
    """What all modules share that declare a list of things in a database."""

    DOCUMENTATION = r"""
options:
  login_db:
    description:
      - Database to connect to.
      - In check mode it may not exist yet. What would be done is then reported as for an empty database.
    type: str
    required: true
attributes:
  check_mode:
    description: Says what a run would change, without changing anything.
    support: full
  diff_mode:
    description: Returns what is and what is asked for, for each item that changes.
    support: full
"""
