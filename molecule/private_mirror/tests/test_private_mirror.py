"""Everything came from the mirror; another key, no signature or a missing package is refused."""

from __future__ import annotations

import json
import re
import subprocess

import pytest
import testinfra
import yaml

from pgops import ansible
from pgops.local import detected
from pgops.local.fleet import MIRROR
from pgops.paths import ROOT

DETECTED = yaml.safe_load(detected.file_of(MIRROR).read_text())
VERSION = DETECTED["postgresql_version"]
SERVER = f"http://{DETECTED['local_network']}.{MIRROR.host('mirror').address}"
FILES = MIRROR.inventory / "files"
FINGERPRINT = (
    "find /etc/apt /etc/postgresql /var/lib/apt/lists /var/lib/dpkg/status -type f -exec sha256sum {} + | sort; "
    "su postgres -c 'psql -XAtq -c \"select pg_postmaster_start_time()\"'"
)


@pytest.fixture(scope="module", params=["db1", "db2"])
def database(request):
    return testinfra.get_host(f"docker://root@{MIRROR.container(MIRROR.host(request.param))}")


def play(variables):
    process = subprocess.run(
        ["pgops", "play", "site.yml", "--inventory", str(MIRROR.inventory), "--extra-vars", json.dumps(variables)],
        cwd=ROOT,
        env=ansible.environment(),
        text=True,
        capture_output=True,
        timeout=600,
        check=False,
    )
    return process.returncode, re.sub(r"\s+", " ", process.stdout + process.stderr)


def test_server_is_of_the_version(database):
    shown = database.check_output("su postgres -c 'psql -XAtq -c \"show server_version\"'")
    assert shown.startswith(f"{VERSION}.")


@pytest.mark.parametrize("package", [f"postgresql-{VERSION}", f"postgresql-{VERSION}-cron", "postgresql-common"])
def test_package_is_of_the_mirror(database, package):
    policy = database.check_output(f"apt-cache policy {package}")
    installed = policy.split("***")[1]
    assert f"500 {SERVER}/postgresql stable-pgdg/main" in installed
    assert re.findall(r"https?://\S+", policy) == [f"{SERVER}/postgresql"]


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"package_source_signing_key_file": str(FILES / "stranger.asc")}, ["not signed"]),
        ({"package_source_uri": f"{SERVER}/unsigned"}, ["not signed"]),
        ({"package_source_uri": f"{SERVER}:81/postgresql"}, ["Failed to fetch"]),
        ({"package_source_suite": "other-pgdg"}, ["does not have a Release file"]),
        (
            {"package_source_priority": 600, "postgresql_packages": [f"postgresql-{VERSION}-partman"]},
            ["has no package", f"postgresql-{VERSION}-partman"],
        ),
    ],
    ids=["another-key", "unsigned", "unreachable", "no-such-suite", "lacks-a-package"],
)
def test_is_refused(variables, words):
    hosts = [testinfra.get_host(f"docker://root@{MIRROR.container(MIRROR.host(name))}") for name in ("db1", "db2")]
    before = [host.check_output(FINGERPRINT) for host in hosts]
    status, output = play(variables)
    assert status != 0
    for word in words:
        assert word in output
    assert [host.check_output(FINGERPRINT) for host in hosts] == before


@pytest.mark.parametrize("form", ["armoured", "text", "binary"])
def test_forms_of_the_key_are_accepted(form):
    """As an armoured file, as text, and as the binary key ring that the inventory has, which what follows finds again."""
    armoured = FILES / "mirror.asc"
    variables = {
        "armoured": {"package_source_signing_key_file": str(armoured)},
        "text": {"package_source_signing_key": armoured.read_text()},
        "binary": {},
    }
    status, output = play(variables[form])
    assert status == 0, output
