"""Root file system of a Debian suite as a container image: pulled, or made from packages."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from pgops.errors import PgopsError
from pgops.local import docker, engine, mirror, reach
from pgops.local.progress import Progress

PULL_SECONDS = 300
MAKE_SECONDS = 900


def answering_mirror(suite: str) -> str:
    """The first Debian mirror, this machine's own first, that serves the suite."""
    mirrors = mirror.machine_mirrors()
    for uri in mirrors:
        if reach.apt_suite_answers(uri, suite):
            return uri
    raise PgopsError(
        f"no Debian mirror serves suite {suite}; asked: {', '.join(mirrors)}. "
        "Images of the local hosts are built from its packages: connect this machine, or name a mirror that has it "
        "in /etc/apt, then run the same command again"
    )


def ensure(suite: str, mirror_uri: str, *, refresh: bool, progress: Progress) -> str:
    """Tag of an image with nothing but the suite's base system."""
    pulled, made = f"debian:{suite}", f"pgops-base:{suite}"
    if not refresh:
        for tag in (made, pulled):
            if docker.inspect("image", tag):
                return tag
    if reach.registry_answers():
        progress.say(f"pulling {pulled}")
        result = docker.attempt("pull", "--quiet", pulled, timeout_seconds=PULL_SECONDS)
        if result.returncode == 0:
            return pulled
        progress.say(f"cannot pull {pulled} ({docker.last_lines(result.stderr, 1)}): made from packages instead")
    make(suite, mirror_uri, made, progress)
    return made


def make(suite: str, mirror_uri: str, tag: str, progress: Progress) -> None:
    """Make the image with mmdebstrap from a mirror's packages."""
    ensure_mmdebstrap(progress)
    progress.say(f"base system of Debian {suite} from {mirror_uri} (mmdebstrap)")
    with tempfile.TemporaryDirectory(prefix="pgops-base-") as folder:
        archive = Path(folder) / "base.tar"
        result = subprocess.run(
            mmdebstrap_command(suite, mirror_uri, archive),
            check=False,
            text=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=MAKE_SECONDS,
        )
        if result.returncode != 0:
            raise PgopsError(
                f"mmdebstrap could not make Debian {suite} from {mirror_uri}: {docker.last_lines(result.stdout)}"
            )
        docker.docker("import", "--change", "LABEL pgops.image=base", str(archive), tag, timeout_seconds=PULL_SECONDS)


def mmdebstrap_command(suite: str, mirror_uri: str, archive: Path) -> list[str]:
    """A mirror may hold a snapshot whose Valid-Until has passed; these hosts are for trying out."""
    return [
        "mmdebstrap",
        "--variant=minbase",
        "--include=ca-certificates",
        '--aptopt=Acquire::Check-Valid-Until "false"',
        suite,
        str(archive),
        f"deb {mirror_uri} {suite} main",
    ]


def ensure_mmdebstrap(progress: Progress) -> None:
    """mmdebstrap and the keys of Debian's archive, which Ubuntu does not have by itself."""
    packages = []
    if shutil.which("mmdebstrap") is None:
        packages.append("mmdebstrap")
    if not Path("/usr/share/keyrings/debian-archive-keyring.gpg").exists():
        packages.append("debian-archive-keyring")
    if not packages:
        return
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise PgopsError(
            "the registry of container images does not answer, and without it base images are made with mmdebstrap, "
            f"which is missing: sudo apt install {' '.join(packages)}, then run the same command again"
        )
    progress.say(f"apt-get install {' '.join(packages)}")
    engine.apt_install(packages)
