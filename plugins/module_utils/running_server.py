# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What a running server says of its configuration, and telling it to read its files again."""

from __future__ import annotations

import time

from ansible_collections.pgops.fleet.plugins.module_utils.configuration_trial import NEEDS_RESTART, OF_A_DATABASE
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.trial_server import ISOLATION, PLACES

RELOAD_TIMEOUT_SECONDS = 30
RELOAD = "select pg_catalog.pg_reload_conf()"


class RunningServer:
    """The cluster's own server, over one session of a superuser."""

    def __init__(self, session):
        self.session = session

    def loaded_at(self):
        """Return the moment the configuration was last read, in seconds since 1970."""
        return float(self.session.value("select extract(epoch from pg_catalog.pg_conf_load_time())"))

    def shared_buffers_mb(self):
        return int(
            self.session.value(
                "select pg_catalog.pg_size_bytes(pg_catalog.current_setting('shared_buffers')) / 1024 / 1024"
            )
        )

    def huge_pages(self):
        """Return how many huge pages the shared memory takes, or None where the kernel has none."""
        pages = int(self.session.value("select pg_catalog.current_setting('shared_memory_size_in_huge_pages')"))
        return pages if pages >= 0 else None

    def settings(self):
        """Return ``{name: {setting, context}}``."""
        rows = self.session.rows("select name, setting, context from pg_catalog.pg_settings")
        return {row["name"]: row for row in rows}

    def pending_restart(self):
        """Return the settings whose new value waits for a restart."""
        rows = self.session.rows("select name from pg_catalog.pg_settings where pending_restart order by name")
        return [row["name"] for row in rows]

    def pending_restart_with(self, declared, names, trial, adapted):
        """Return the settings that would wait for a restart with the candidate, besides those that do already."""
        now, pending = self.settings(), set(self.pending_restart())
        for name in names:
            if name not in now or now[name]["context"] != "postmaster":
                continue
            wanted = trial.get(name, {}).get("setting")
            if name in ISOLATION or name in PLACES or name in adapted:
                wanted = declared.get(name, now[name]["setting"])
            if wanted is not None and wanted != now[name]["setting"]:
                pending.add(name)
            else:
                pending.discard(name)
        return sorted(pending)

    def reload(self):
        """Have the files read again and wait until they are, then raise Refused on errors in them."""
        before = self.loaded_at()
        self.session.execute(RELOAD)
        deadline = time.monotonic() + RELOAD_TIMEOUT_SECONDS
        while self.loaded_at() <= before:
            if time.monotonic() > deadline:
                raise Refused(
                    f"the server did not read its configuration within {RELOAD_TIMEOUT_SECONDS} s; see its log"
                )
            time.sleep(0.02)
        errors = self.errors()
        if errors:
            raise Refused(
                "the server refuses the configuration; files and server are as they were.\n" + "\n".join(errors)
            )

    def errors(self):
        """Return the errors in the files as the server sees them."""
        settings = self.session.rows(
            "select sourcefile as file, sourceline as line, name, error from pg_catalog.pg_file_settings"
            " where error is not null"
        )
        lines = self.session.rows(
            """
            select file_name as file, line_number as line, error
            from pg_catalog.pg_hba_file_rules where error is not null
            union all
            select file_name, line_number, error from pg_catalog.pg_ident_file_mappings where error is not null
            """
        )
        wrong = [row for row in settings if not _waits_for_restart(row) and row["name"] not in OF_A_DATABASE] + lines
        return [f"{row['file']} line {row['line']}: {row['error']}" for row in wrong]


def _waits_for_restart(row):
    """Tell whether an error only says that a restart is needed: for a new value, or for one that stands in no file any more."""
    return row["error"] == NEEDS_RESTART or (row["file"] is None and row["name"] is None)
