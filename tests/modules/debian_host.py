"""A container with Debian's layout of PostgreSQL, in which modules run as on a host: as postgres, over the socket."""

from __future__ import annotations

import io
import json
import os
import shlex
import tarfile
from pathlib import Path

import ansible
import docker

import ansible_collections.community.postgresql as community
from tests.modules.harness import ModuleFailed
from tests.sql.servers import image_tag

REPOSITORY = Path(__file__).resolve().parents[2]
LIBRARY = "/opt/pgops-test"
# What tests/modules/harness.py does in its own process, for a module on the host.
RUNNER = """
import importlib, json, sys
from ansible.module_utils.testing import patch_module_args
name, arguments = json.load(sys.stdin)
module = importlib.import_module(f"ansible_collections.pgops.fleet.plugins.modules.{name}")
with patch_module_args(arguments):
    module.main()
"""


class DebianHost:
    """The container, with one cluster `main` that is running."""

    def __init__(self) -> None:
        image = image_tag()  # which starts the Docker engine where none answers; the client needs one
        self._container = docker.from_env().containers.run(
            image,
            ["infinity"],
            entrypoint=["sleep"],
            name=f"pgops-test-host-{os.getpid()}",
            detach=True,
            init=True,
            shm_size="256m",
            # Clusters are made by the dozen here; none has to outlive the container.
            tmpfs={"/tmp": "exec,mode=1777", "/var/lib/postgresql": "exec,mode=1777"},
        )
        try:
            self._container.put_archive("/", self._library())
            self.version = int(self.shell("ls /usr/lib/postgresql | tail -1"))
            self.cluster("create", "--start -- --auth=peer --no-sync")
        except BaseException:
            self.stop()
            raise

    @staticmethod
    def _library() -> bytes:
        """The parts of Ansible and of the collections that run on hosts, as a tar archive."""
        community_root = Path(next(iter(community.__path__)))
        collections = f"{LIBRARY}/ansible_collections"
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as archive:
            # On a host, too, the package itself is empty: its own needs what only controllers have.
            archive.addfile(tarfile.TarInfo(f"{LIBRARY}/ansible/__init__.py"))
            root = Path(ansible.__file__).parent
            for name in ("release.py", "module_utils"):
                archive.add(root / name, f"{LIBRARY}/ansible/{name}", filter=_without_caches)
            for place, source, folders in (
                ("community/postgresql", community_root, ("module_utils",)),
                ("pgops/fleet", REPOSITORY, ("module_utils", "modules")),
            ):
                for folder in folders:
                    archive.add(
                        source / "plugins" / folder, f"{collections}/{place}/plugins/{folder}", filter=_without_caches
                    )
        return packed.getvalue()

    def execute(self, command: str, user: str = "root", **environment: str) -> tuple[int, str, str]:
        """Run a shell command in the container; its exit status, standard output and standard error."""
        done = self._container.exec_run(["bash", "-c", command], user=user, environment=environment, demux=True)
        out, err = (part.decode(errors="replace") if part else "" for part in done.output)
        return done.exit_code, out, err

    def shell(self, command: str, user: str = "root") -> str:
        """Run a shell command that must end well; its standard output."""
        status, out, err = self.execute(command, user)
        if status != 0:
            raise RuntimeError(f"{command}: ended with {status}\n{out}{err}")
        return out.strip()

    def cluster(self, action: str, options: str = "", name: str = "main") -> None:
        """Create, drop, start, stop or restart a cluster; a server must not keep our connection to its output."""
        verb = {"create": "pg_createcluster", "drop": "pg_dropcluster"}.get(action, "pg_ctlcluster")
        tail = "" if verb != "pg_ctlcluster" else action
        log = f"/tmp/{verb}.log"
        command = f"{verb} {'--stop ' if action == 'drop' else ''}{self.version} {name} {tail} {options}"
        self.shell(f"{command} </dev/null >{log} 2>&1 || {{ cat {log}; exit 1; }}")

    def sql(self, statement: str) -> str:
        """Run SQL as the superuser; rows as text."""
        return self.shell(f"psql -XAtq -v ON_ERROR_STOP=1 -c {shlex.quote(statement)}", "postgres")

    def run(
        self, name: str, *, check: bool = False, user: str = "postgres", path: str | None = None, **options
    ) -> dict:
        """Run a module on the host; `path` is where it finds programs."""
        arguments = {**options, "_ansible_check_mode": check, "_ansible_diff": True}
        program = shlex.quote(RUNNER)
        given = shlex.quote(json.dumps([name, arguments]))
        command = f"python3 -c {program} <<<{given}"
        environment = {"PYTHONPATH": LIBRARY, "LC_ALL": "C.UTF-8"} | ({"PATH": path} if path else {})
        _status, out, err = self.execute(command, user, **environment)
        if not out.strip():
            raise RuntimeError(f"{name} returned nothing: {err}")
        result = json.loads(out.splitlines()[-1])
        result["warnings"] = [warning["event"]["msg"] for warning in result.get("warnings", [])]
        if result.get("failed"):
            raise ModuleFailed(result)
        return result

    def stop(self) -> None:
        self._container.remove(force=True, v=True)


def _without_caches(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in entry.name else entry
