# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
name: merge_layers
short_description: Merge what system, environment and host declare
version_added: 0.1.0
author:
  - pgops (@pgops)
description:
  - Merges lists of items by a key, or dictionaries, the later layer over the earlier.
  - A later layer changes single attributes; nested dictionaries are merged, other lists are replaced.
  - A null takes away what an earlier layer said. C(state=absent) is kept for the module that acts on it.
  - The order is that of the first mention.
positional: _input
options:
  _input:
    description: The layers, the strongest last. A layer that is null says nothing.
    type: list
    elements: raw
    required: true
  key:
    description: Attribute, or list of attributes, by which items are merged.
    type: raw
    default: name
  nested:
    description:
      - Lists inside the items that are merged by a key too, as attribute and key. Their items may be plain names.
    type: dict
    default: {}
"""

EXAMPLES = r"""
- name: Jobs as the system, the environment and the host want them
  ansible.builtin.debug:
    msg: "{{ [system_jobs, environment_jobs, host_jobs] | pgops.fleet.merge_layers }}"

- name: Settings, where a null takes a value away
  ansible.builtin.debug:
    msg: "{{ [{'work_mem': '8MB', 'jit': 'off'}, {'jit': none}] | pgops.fleet.merge_layers }}"
"""

RETURN = r"""
_value:
  description: The merged list or dictionary.
  type: raw
"""

from ansible.errors import AnsibleFilterError

from ansible_collections.pgops.fleet.plugins.module_utils import layers as layers_module


def merge_layers(layers, key="name", nested=None):
    try:
        return layers_module.merge_layers(layers, key=key, nested=nested)
    except layers_module.LayerError as error:
        raise AnsibleFilterError(f"merge_layers: {error}") from error


class FilterModule:
    """Ansible's entry to the filter."""

    def filters(self):
        return {"merge_layers": merge_layers}
