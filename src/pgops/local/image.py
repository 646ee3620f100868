"""Images of local hosts, tagged by the hash of their recipe.

`python -m pgops.local.image host|postgresql` prints the tag, building what is missing.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console

from pgops.errors import PgopsError
from pgops.local import base, docker, engine
from pgops.local.packages import PGDG_URI, Packages, choose
from pgops.local.progress import Progress
from pgops.paths import ROOT, STATE

RECIPES = Path(__file__).parent / "image"
SIGNING_KEY = ROOT / "roles" / "package_source" / "files" / "pgdg.asc"
BUILD_SECONDS = 1800
EXTENSION_PACKAGES = ("cron", "pg-ivm", "pgtap")
KEEP_SUPERSEDED = timedelta(days=7)

DEBIAN_SOURCES = """\
Types: deb
URIs: {mirror}
Suites: {suite}
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""
PGDG_SOURCES = """\
Types: deb
URIs: {uri}
Suites: {suite}-pgdg
Components: main
Signed-By: /etc/apt/keyrings/pgops-postgresql.asc
"""


@dataclass(frozen=True)
class Recipe:
    """All that decides what is in an image, but the day it was built and the mirror that was nearest."""

    kind: str
    packages: Packages
    files: Mapping[str, bytes]
    arguments: Mapping[str, str]

    @property
    def tag(self) -> str:
        """Name and hash, e.g. pgops-host:testing-3f2a90c1d7aa."""
        digest = hashlib.sha256()
        for name in sorted(self.files):
            digest.update(name.encode() + b"\0" + self.files[name] + b"\0")
        for name in sorted(self.arguments):
            digest.update(f"{name}={self.arguments[name]}\0".encode())
        return f"pgops-{self.kind}:{self.packages.suite}-{digest.hexdigest()[:12]}"


def host_recipe(packages: Packages) -> Recipe:
    """A bare host."""
    files = {name: (RECIPES / name).read_bytes() for name in ("Dockerfile", "init")}
    return Recipe("host", packages, files, {})


def postgresql_recipe(packages: Packages) -> Recipe:
    """A host with PostgreSQL's packages; from the project's repository also 18, which has the newest features."""
    versions = sorted({packages.postgresql_version, 18})
    names = [
        name
        for version in versions
        for name in (f"postgresql-{version}", *(f"postgresql-{version}-{suffix}" for suffix in EXTENSION_PACKAGES))
    ]
    files = {"Dockerfile": (RECIPES / "Dockerfile.postgresql").read_bytes()}
    if packages.package_source_kind == "pgdg":
        sources = PGDG_SOURCES.format(uri=PGDG_URI, suite=packages.suite)
        files["repository/sources.list.d/pgops-postgresql.sources"] = sources.encode()
        files["repository/keyrings/pgops-postgresql.asc"] = SIGNING_KEY.read_bytes()
    return Recipe("postgresql", packages, files, {"BASE": host_recipe(packages).tag, "PACKAGES": " ".join(names)})


def ensure(kind: str, packages: Packages, progress: Progress, *, refresh: bool = False) -> str:
    """Tag of the image of a kind (host or postgresql), built when missing or when refresh is wanted."""
    recipes = [host_recipe(packages)]
    if kind == "postgresql":
        recipes.append(postgresql_recipe(packages))
    wanted = recipes[-1].tag
    if not refresh and docker.inspect("image", wanted):
        return wanted
    with _one_builder_at_a_time():
        for recipe in recipes:
            if refresh or not docker.inspect("image", recipe.tag):
                _build(recipe, progress, refresh=refresh)
                remove_superseded(recipe)
    return wanted


def _build(recipe: Recipe, progress: Progress, *, refresh: bool) -> None:
    files, arguments = dict(recipe.files), dict(recipe.arguments)
    if recipe.kind == "host":
        suite = recipe.packages.suite
        mirror_uri = base.answering_mirror(suite)
        arguments["BASE"] = base.ensure(suite, mirror_uri, refresh=refresh, progress=progress)
        files["debian.sources"] = DEBIAN_SOURCES.format(mirror=mirror_uri, suite=suite).encode()
    progress.say(f"building image {recipe.tag}")
    with tempfile.TemporaryDirectory(prefix="pgops-image-") as folder:
        write_context(Path(folder), files)
        # The classic builder is in every engine; BuildKit is a plugin that Debian ships apart.
        result = docker.attempt(
            *build_arguments(recipe, arguments, folder),
            timeout_seconds=BUILD_SECONDS,
            environment={**os.environ, "DOCKER_BUILDKIT": "0"},
        )
    if result.returncode != 0:
        output = docker.last_lines(result.stdout, 15) + "\n" + docker.last_lines(result.stderr)
        raise PgopsError(f"image {recipe.tag} could not be built:\n{output.strip()}")


def write_context(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write the files of a build; the folder of a further apt repository is there even when empty."""
    (folder / "repository").mkdir()
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        # Scripts stay executable, whatever the umask of this clone was.
        file.chmod(0o755 if content.startswith(b"#!") else 0o644)


def build_arguments(recipe: Recipe, arguments: Mapping[str, str], folder: str) -> list[str]:
    """Arguments of docker; the machine's own network spares the build the bridge's packet size."""
    options = ["build", "--quiet", "--force-rm", "--network", "host", "--tag", recipe.tag]
    options += ["--label", f"pgops.image={recipe.kind}"]
    for name, value in arguments.items():
        options += ["--build-arg", f"{name}={value}"]
    return [*options, folder]


def remove_superseded(recipe: Recipe) -> None:
    """Remove images that an older recipe of the same kind left, unless in use or recent (another clone's)."""
    images = docker.docker(
        "image", "ls", "--filter", f"label=pgops.image={recipe.kind}", "--no-trunc", "--format", "{{.ID}}"
    )
    for image in docker.inspect("image", *sorted(set(images.split()))):
        if is_superseded(image["RepoTags"] or [], image["Created"], recipe.tag, datetime.now(UTC)):
            docker.attempt("image", "rm", *(image["RepoTags"] or [image["Id"]]))


def is_superseded(tags: list[str], created: str, current: str, now: datetime) -> bool:
    """Whether an image with these tags, created then (RFC 3339), is of no more use."""
    if current in tags:
        return False
    day = datetime.fromisoformat(created[:19] + "+00:00")
    return not tags or now - day > KEEP_SUPERSEDED


@contextmanager
def _one_builder_at_a_time() -> Iterator[None]:
    STATE.mkdir(exist_ok=True)
    with (STATE / "image.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    """Print the tag of an image; progress goes to standard error."""
    kinds = ("host", "postgresql")
    if len(sys.argv) != 2 or sys.argv[1] not in kinds:
        sys.exit(f"usage: python -m pgops.local.image {'|'.join(kinds)}")
    progress = Progress(Console(stderr=True, highlight=False))
    try:
        engine.ensure(progress)
        print(ensure(sys.argv[1], choose(), progress))
    except PgopsError as error:
        sys.exit(f"pgops: {error}")


if __name__ == "__main__":
    main()
