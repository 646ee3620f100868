# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls the module of this name until the operation has ended, and prints how far it is.

A module cannot print while it runs; an action plugin, which works where Ansible does, can.
"""

from __future__ import annotations

import time

from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

MODULE = "pgops.fleet.postgresql_partition_operation_info"
display = Display()


class ActionModule(ActionBase):
    """One look, or a watch."""

    TRANSFERS_FILES = False
    _supports_check_mode = True

    def run(self, tmp=None, task_vars=None):
        """Return what the last look has returned."""
        super().run(tmp, task_vars)
        arguments = self._task.args
        found = self._look(task_vars)
        if not boolean(arguments.get("watch", False)):
            return found
        printed, attended_at = None, time.monotonic()
        while not found.get("failed"):
            if found["words"] != printed:
                printed = found["words"]
                display.display(f"  {task_vars['inventory_hostname']}: {printed}")
            if found["record"].get("is_run"):
                attended_at = time.monotonic()
            unattended_seconds = time.monotonic() - attended_at
            if has_ended(found["record"]) or unattended_seconds >= int(arguments.get("patience_seconds", 30)):
                break
            time.sleep(int(arguments.get("interval_seconds", 2)))
            found = self._look(task_vars)
        return found

    def _look(self, task_vars):
        return self._execute_module(module_name=MODULE, module_args=self._task.args, task_vars=task_vars)


def has_ended(record):
    """Will nothing more happen by itself?"""
    state, options = record.get("state"), record.get("options", {})
    waits = (
        state == "waiting" and record["is_run"] and options.get("switch") == "wait" and not record["switch_requested"]
    )
    return state in (None, "done", "kept", "cancelled", "undone", "failed") or waits
