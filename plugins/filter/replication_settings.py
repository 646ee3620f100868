# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: replication_settings
short_description: Write the settings by which a member of a physical cluster follows or feeds the others
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Returns the text of a file for C(conf.d) with C(primary_conninfo), C(primary_slot_name), C(synchronous_standby_names),
    C(synchronized_standby_slots) and what else follows from who the primary is.
  - A primary waits only for standbys that stream now, or for which it waits already.
positional: _input, state, options
options:
  _input:
    description: What P(pgops.fleet.replication_members#filter) returned.
    type: dict
    required: true
  state:
    description: What M(pgops.fleet.postgresql_replication_info) said of the host.
    type: dict
    required: true
  options:
    description: C(version), C(wal_level), C(passfile), C(authority), C(feedback) and C(sync_slots).
    type: dict
    required: true
"""

EXAMPLES = r"""
- name: Settings of a member
  ansible.builtin.debug:
    msg: "{{ members | pgops.fleet.replication_settings({}, options) }}"
"""

RETURN = r"""
_value:
  description: Text of the file.
  type: str
"""

from ansible_collections.pgops.fleet.plugins.module_utils import replication_settings as settings


def replication_settings(members, state, options):
    return settings.render(settings.replication_settings(members, state, options))


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"replication_settings": replication_settings}
