# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: hba_address
short_description: Write an address as pg_hba.conf wants it
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Gives a single IPv4 or IPv6 address its mask, V(192.0.2.11) becomes V(192.0.2.11/32).
  - A network with its mask, a host name, and the keywords V(all), V(samehost) and V(samenet) stay as they are.
positional: _input
options:
  _input:
    description: Address, network, host name or keyword.
    type: str
    required: true
"""

EXAMPLES = r"""
- name: Lines for two clients
  ansible.builtin.debug:
    msg: "{{ ['192.0.2.11', '2001:db8::/64'] | map('pgops.fleet.hba_address') }}"
"""

RETURN = r"""
_value:
  description: The address for the ADDRESS field.
  type: str
"""

from ansible_collections.pgops.fleet.plugins.module_utils.addresses import hba_address


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"hba_address": hba_address}
