# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""The course of a configuration: render, compare, try, write, reload, and put back what is refused."""

from __future__ import annotations

import os
from pathlib import Path

from ansible_collections.pgops.fleet.plugins.module_utils.cluster_files import Replacement, read_text
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import declared_settings, read_settings
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_place import problems_in_place
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_trial import ConfigurationTrial
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused
from ansible_collections.pgops.fleet.plugins.module_utils.quoting import identifier
from ansible_collections.pgops.fleet.plugins.module_utils.running_server import RELOAD
from ansible_collections.pgops.fleet.plugins.module_utils.settings_state import of_replication

TLS_FILES = ("ssl_ca_file", "ssl_cert_file", "ssl_key_file", "ssl_crl_file")


class ConfigurationRun:
    """One run of the module for one cluster.

    open_server: called when the cluster's server runs; returns a RunningServer.
    warn: called with a sentence for the operator.
    """

    def __init__(self, cluster, parameters, check_mode, open_server, warn):
        self.cluster = cluster
        self.parameters = parameters
        self.check_mode = check_mode
        self.open_server = open_server
        self.warn = warn
        self.declared = declared_settings(parameters["settings"])
        self.wanted = cluster.candidate(
            parameters["settings"], parameters["comments"], parameters["hba"], parameters["ident"]
        )
        # A renewed certificate is read at a reload, as the settings are, and so is what others wrote beside ours.
        certificates = [Path(self.declared[name]) for name in TLS_FILES if self.declared.get(name)]
        self.replacement = Replacement(self.wanted, [*certificates, *cluster.our_file.parent.glob("*.conf")])

    def run(self):
        """Do it, or in check mode find out what would be done; return the module's result."""
        obstacle = self._obstacle()
        server = self.open_server() if not obstacle and is_running(self.cluster.data) else None
        resets = self._resets(server)
        trial = self._try(obstacle, server) if self.replacement.changed else None
        pending = self._pending_restart(server, trial)
        stale = server is not None and self.replacement.newest_change() > server.loaded_at()
        reload = server is not None and bool(self.replacement.changed or stale or resets)
        if not self.check_mode:
            self._apply(server, reload, resets)
            pending = server.pending_restart() if server else []
        return {
            "changed": bool(self.replacement.changed or reload),
            "diff": self.replacement.diff(),
            "files": [str(path) for path in self.replacement.changed],
            "validated": trial is not None,
            "running": server is not None,
            "reloaded": reload,
            "pending_restart": pending,
            "restart_required": bool(pending),
            "huge_pages": self._huge_pages(trial, server, pending),
            "overrides": self._overrides(resets),
            "queries": [*resets, *([RELOAD] if reload else [])],
        }

    def _obstacle(self):
        """Return why the cluster cannot be looked at yet; without check mode that is an error."""
        binary = Path(self.parameters["binary_directory"]) / "postgres"
        if not binary.exists():
            obstacle = f"PostgreSQL {self.cluster.version} is not installed: {binary} does not exist; install it first"
        elif not self.cluster.main_file.exists():
            obstacle = (
                f"cluster {self.cluster.name} does not exist: there is no {self.cluster.main_file}; create it first"
            )
        elif os.geteuid() == 0:
            owner = self.cluster.main_file.owner()
            raise Refused(
                f"run as root, but PostgreSQL does not start as root; set become: true and become_user: {owner}"
            )
        else:
            return None
        if not self.check_mode:
            raise Refused(obstacle)
        self.warn(f"the configuration cannot be tried yet: {obstacle}")
        return obstacle

    def _try(self, obstacle, server):
        if obstacle:
            return None
        trial = ConfigurationTrial(
            self.cluster,
            self.wanted,
            self.declared,
            self.parameters["binary_directory"],
            self.parameters["scratch_directory"],
        )
        try:
            settings = trial.run(server.shared_buffers_mb() if server else None)
            self._refuse_in_place({name: row["setting"] for name, row in settings.items()}, server)
            return trial, settings
        except Refused as refusal:
            if not (self.check_mode and self.parameters["prerequisites_pending"]):
                raise
            self.warn(f"the configuration cannot be tried before earlier tasks did their work: {refusal}")
            return None

    def _refuse_in_place(self, settings, server):
        problems = problems_in_place(settings, self.declared, self.cluster.data, server)
        if problems:
            raise Refused(
                f"the configuration of cluster {self.cluster.name} cannot work; files and server are as they were.\n"
                + "\n".join(problems)
            )

    def _pending_restart(self, server, tried):
        if server is None:
            return []
        if tried is None:
            return server.pending_restart()
        trial, settings = tried
        before = {name for name, _value, _line in read_settings(read_text(self.cluster.our_file) or "")}
        return server.pending_restart_with(self.declared, before | set(self.declared), settings, trial.adapted)

    def _huge_pages(self, tried, server, pending):
        """Return the huge pages that the next start takes; None where nobody can say."""
        if tried is not None:
            return tried[0].huge_pages
        return server.huge_pages() if server and not pending else None

    def _resets(self, server):
        """Return the statements that take back what ALTER SYSTEM has set, when that is asked for."""
        if server is None or not self.parameters["reset_overrides"]:
            return []
        return [
            f"alter system reset {'.'.join(map(identifier, name.split('.')))}"
            for name, _value, _line in self.cluster.set_by_hand()
            if not of_replication(name)
        ]

    def _apply(self, server, reload, resets):
        try:
            self.replacement.write()
            for statement in resets:
                server.session.execute(statement)
            if reload:
                server.reload()
        except BaseException:
            self.replacement.restore()
            if reload:
                server.session.execute(RELOAD)
            raise

    def _overrides(self, resets):
        found = self.cluster.overrides(self.declared)
        if resets:
            found = [entry for entry in found if entry["file"] != str(self.cluster.automatic_file)]
        for entry in found:
            self.warn(
                f"setting {entry['name']} is {entry['declared']!r} here, but {entry['file']} line {entry['line']} "
                f"says {entry['value']!r} and wins"
            )
        return found


def is_running(data):
    """Tell whether a server works in the data directory."""
    text = read_text(data / "postmaster.pid")
    if not text:
        return False
    try:
        os.kill(int(text.split()[0]), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
