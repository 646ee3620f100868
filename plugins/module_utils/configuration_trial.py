# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What PostgreSQL says of a configuration before it takes effect."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from pathlib import Path

from ansible_collections.community.postgresql.plugins.module_utils import postgres
from ansible_collections.pgops.fleet.plugins.module_utils.cluster_files import read_text
from ansible_collections.pgops.fleet.plugins.module_utils.configuration_files import read_settings
from ansible_collections.pgops.fleet.plugins.module_utils.connection import Refused, server_message
from ansible_collections.pgops.fleet.plugins.module_utils.field_kinds import nearest
from ansible_collections.pgops.fleet.plugins.module_utils.trial_server import NO_MEMORY, TrialRefused, TrialServer

# Their values are objects of a database or of the real cluster, which the trial's has not.
OF_A_DATABASE = ("default_tablespace", "temp_tablespaces", "default_table_access_method", "default_text_search_config")
TLS_FILES = ("ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_crl_file", "ssl_crl_dir", "ssl_dh_params_file")
BLOCK_KB = 8
SHORT_SECONDS = 0.05
UNKNOWN = re.compile(r'unrecognized configuration parameter "([^"]+)"')
NEEDS_RESTART = "setting could not be applied"


class ConfigurationTrial:
    """One trial of one candidate for a cluster."""

    def __init__(self, cluster, wanted, declared, binaries, scratch):
        self.cluster = cluster
        self.wanted = wanted
        self.declared = declared
        self.binaries = binaries
        controldata = subprocess.run(
            [Path(binaries) / "pg_controldata", "-D", cluster.data],
            capture_output=True,
            text=True,
            env={"LC_ALL": "C"},
            check=False,
        ).stdout
        self.trial = TrialServer(
            binaries, scratch, f"{cluster.version}-{cluster.name}", wal_segment_mb=cluster.wal_segment_mb(controldata)
        )
        # Settings whose value in the trial is not the candidate's.
        self.adapted = set()
        # Huge pages that the candidate's shared memory would take, None where the kernel has none.
        self.huge_pages = None

    def run(self, running_shared_buffers_mb=None):
        """Return ``{name: {setting, context}}`` as the trial server has them, or raise Refused with its words."""
        with self.trial as trial:
            try:
                self._copy_configuration()
                trial.check_names_and_values()
                trial.initialize()
                self._copy_automatic_settings()
                trial.overrides = self._tls_files()
                _refuse_more_memory_than_there_is(trial.number("shared_memory_size"))
                pages = trial.number("shared_memory_size_in_huge_pages")
                self.huge_pages = pages if pages >= 0 else None
                self._start(running_shared_buffers_mb)
            except TrialRefused as refusal:
                raise Refused(self._explain(str(refusal))) from refusal
            try:
                # Neither being idle for a moment nor a short statement may end a session.
                time.sleep(SHORT_SECONDS)
                trial.session.execute(f"select pg_catalog.pg_sleep({SHORT_SECONDS})")
                self._refuse(
                    [*self._file_errors(), *self._extension_errors(), *self._line_errors(), *trial.workers_refused()]
                )
                rows = trial.session.rows("select name, setting, context from pg_catalog.pg_settings")
            except postgres.psycopg.Error as error:
                # A time-out that ends each statement, a library that each session would load.
                raise Refused(self._explain(server_message(error))) from error
            return {row["name"]: row for row in rows}

    def _copy_configuration(self):
        """Lay out the configuration as it would be: the files on disk, with ours over them."""
        present = {path: read_text(path) for path in self.cluster.config.rglob("*.conf")}
        for path, text in {**present, **self.wanted}.items():
            if text is None or path.name in ("pg_hba.conf", "pg_ident.conf"):
                continue
            copy = self.trial.config / path.relative_to(self.cluster.config)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, encoding="utf-8", errors="surrogateescape")

    def _copy_automatic_settings(self):
        """What ALTER SYSTEM set is in force as well."""
        text = read_text(self.cluster.data / "postgresql.auto.conf")
        if text:
            (self.trial.data / "postgresql.auto.conf").write_text(text, encoding="utf-8", errors="surrogateescape")

    def _tls_files(self):
        """Return relative TLS files as they lie in the real data directory."""
        said = {}
        for path in (self.trial.config / "postgresql.conf", *sorted((self.trial.config / "conf.d").glob("*.conf"))):
            said.update({name: value for name, value, _line in read_settings(read_text(path) or "")})
        if said.get("ssl", "off").lower() not in ("on", "true", "yes", "1"):
            return {}
        named = {"ssl_cert_file": "server.crt", "ssl_key_file": "server.key", **said}
        return {name: self.cluster.data / named[name] for name in TLS_FILES if named.get(name)}

    def _start(self, running_mb):
        try:
            self.trial.start()
        except TrialRefused as refusal:
            if running_mb is None or not NO_MEMORY.search(str(refusal)):
                raise
            # The memory of the running server comes free at its restart: what counts is whether the increase is there.
            wanted_mb = self.trial.number("shared_buffers") * BLOCK_KB // 1024
            self.adapted = {"shared_buffers", "huge_pages"}
            more = max(1, wanted_mb - running_mb)
            self.trial.start({"shared_buffers": f"{more}MB", "huge_pages": "try"})

    def _file_errors(self):
        """Return errors of single settings, those of loaded extensions among them."""
        rows = self.trial.session.rows(
            "select sourcefile, sourceline, name, setting, error from pg_catalog.pg_file_settings"
            " where error is not null order by seqno"
        )
        return [
            f"setting {row['name']} = {row['setting']!r} "
            f"({self._real(row['sourcefile'])} line {row['sourceline']}): {row['error']}"
            for row in rows
            if row["error"] != NEEDS_RESTART and row["name"] not in OF_A_DATABASE
        ]

    def _extension_errors(self):
        """Return declared settings of loaded extensions that these do not have or do not take."""
        dotted = [name for name in self.declared if "." in name]
        for prefix in sorted({name.partition(".")[0] for name in dotted}):
            # What is loaded on first use, such as plpgsql, shows its settings only then; not every prefix is a library.
            with contextlib.suppress(postgres.psycopg.Error):
                self.trial.session.execute(f"load '{prefix}'")
        rows = self.trial.session.rows("select name from pg_catalog.pg_settings where name like '%.%'")
        known = [row["name"] for row in rows]
        problems = []
        for name in dotted:
            family = [entry for entry in known if entry.startswith(f"{name.partition('.')[0]}.")]
            if family and name not in known:
                problems.append(
                    f"setting {name} = {self.declared[name]!r}: the loaded extension has no such setting; "
                    f"nearest known: {nearest(name, family) or ', '.join(family)}"
                )
        return problems or self.trial.values_ignored()

    def _line_errors(self):
        """Return errors of pg_hba.conf and pg_ident.conf, as read by a server with the candidate's other settings."""
        problems = []
        for file, view in (("pg_hba.conf", "pg_hba_file_rules"), ("pg_ident.conf", "pg_ident_file_mappings")):
            text = self.wanted.get(self.cluster.config / file)
            if text is None:
                continue
            (self.trial.folder / file).write_text(text, encoding="utf-8")
            for row in self.trial.session.rows(
                f"select line_number, error from pg_catalog.{view} where error is not null"
            ):
                line = " ".join(text.split("\n")[row["line_number"] - 1].split())
                place = f"{self.cluster.config / file} line {row['line_number']}"
                problems.append(f"{place}: {line}: {row['error']}")
        return problems

    def _refuse(self, problems):
        if problems:
            raise Refused(self._explain("\n".join(problems)))

    def _real(self, text):
        return (
            str(text)
            .replace(str(self.trial.config), str(self.cluster.config))
            .replace(str(self.trial.folder), "(trial)")
        )

    def _explain(self, words):
        words = self._real(words)
        named = [name for name, value in self.declared.items() if _speaks_of(words, name, value)]
        # Not every refusal names the setting that it is about.
        present = {name: value for name, value, _line in read_settings(read_text(self.cluster.our_file) or "")}
        named = named or [name for name, value in self.declared.items() if present.get(name) != value]
        settings = "".join(
            f"\nsetting {name} = {self.declared[name]!r}" for name in named if f"setting {name} = " not in words
        )
        return (
            f"PostgreSQL {self.cluster.version} refuses the configuration of cluster {self.cluster.name}; "
            f"files and server are as they were.{settings}\n{words}{self._nearest_names(words)}"
        )

    def _nearest_names(self, words):
        """Name the setting that was perhaps meant, for each that the server does not know."""
        unknown = sorted(set(UNKNOWN.findall(words)))
        if not unknown:
            return ""
        described = subprocess.run(
            [Path(self.binaries) / "postgres", "--describe-config"], capture_output=True, text=True, check=False
        ).stdout
        known = [line.partition("\t")[0] for line in described.splitlines()]
        meant = [(name, nearest(name, known)) for name in unknown]
        return "".join(f"\nsetting {name}: nearest known: {like}" for name, like in meant if like)


def _speaks_of(words, name, value):
    """Tell whether the server's words name a setting, or quote one of the names in its value."""
    if any(re.search(rf"(?<![\w.]){re.escape(said)}(?![\w.])", words) for said in {name, name.replace("_", " ")}):
        return True
    return any(f'"{entry}"' in words for entry in re.split(r"[\s,]+", value) if re.fullmatch(r"[A-Za-z/]\S{3,}", entry))


def _refuse_more_memory_than_there_is(wanted_mb):
    limits = {"the machine": machine_memory_mb(), "the control group": _control_group_mb()}
    for owner, limit in limits.items():
        if limit is not None and wanted_mb > limit:
            raise TrialRefused(
                f"shared_memory_size would be {wanted_mb} MB, mostly shared_buffers, "
                f"and {owner} has {limit} MB of memory; accepted: about a quarter of it"
            )


def machine_memory_mb():
    """Return the memory of the machine in MB, or None."""
    found = re.search(r"^MemTotal:\s+(\d+) kB", read_text(Path("/proc/meminfo")) or "", re.MULTILINE)
    return int(found[1]) // 1024 if found else None


def _control_group_mb():
    text = (read_text(Path("/sys/fs/cgroup/memory.max")) or "").strip()
    return int(text) // (1024 * 1024) if text.isdecimal() else None
