# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: profile_settings
short_description: The settings of a profile
version_added: 0.2.0
author:
  - pgops (@pgops)
description:
  - Fixed settings for a kind of host, in place of those that P(pgops.fleet.derived_settings#filter) derives.
positional: _input
options:
  _input:
    description: Name of the profile. V(derived) has no settings of its own.
    type: str
    required: true
    choices: [derived, small]
"""

EXAMPLES = r"""
- name: What the profile says
  ansible.builtin.debug:
    msg: "{{ 'small' | pgops.fleet.profile_settings }}"
"""

RETURN = r"""
_value:
  description: Settings by PostgreSQL's own names, with units.
  type: dict
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils.derived_settings import DerivationError, explain_profile


def profile_settings(name):
    try:
        return {row["name"]: row["value"] for row in explain_profile(name)}
    except DerivationError as error:
        raise AnsibleFilterError(f"profile_settings: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"profile_settings": profile_settings}
