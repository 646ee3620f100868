"""postgresql_machine_info on a host with a cluster, and what it says of one without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.modules.debian_host import DebianHost

MODULE = "postgresql_machine_info"
NO_CLUSTER = {"exists": False, "running": False, "port": None, "enabled": False, "included_files": []}


@pytest.fixture(scope="module")
def host() -> Iterator[DebianHost]:
    host = DebianHost()
    yield host
    host.stop()


def test_machine(host):
    found = host.run(MODULE, version=host.version, user="root")
    assert not found["changed"]
    assert found["apt"] is True
    assert found["cores"] == int(host.shell("nproc"))
    assert found["memory_mb"] == int(host.shell("awk '/^MemTotal:/ {print int($2 / 1024)}' /proc/meminfo"))


def test_packages_that_are_installed_and_no_others(host):
    server = f"postgresql-{host.version}"
    asked = [server, "postgresql-9", "no-such-package"]
    version = host.shell(f"dpkg-query --show --showformat '${{Version}}' {server}")
    assert host.run(MODULE, version=host.version, packages=asked)["packages"] == {server: version}


def test_a_running_and_a_stopped_cluster(host):
    host.cluster("create", "--port 5477", name="second")
    try:
        host.shell(f"install -D /dev/null /etc/postgresql/{host.version}/second/conf.d/pgops.conf")
        found = host.run(MODULE, version=host.version, cluster="second")
        assert found["cluster"] == {
            "exists": True,
            "running": False,
            "port": 5477,
            "enabled": False,
            "included_files": ["pgops.conf"],
        }
        assert {cluster["name"]: (cluster["port"], cluster["running"]) for cluster in found["clusters"]} == {
            f"{host.version}/main": (5432, True),
            f"{host.version}/second": (5477, False),
        }
    finally:
        host.cluster("drop", name="second")
    assert host.run(MODULE, version=host.version)["cluster"]["running"]


@pytest.mark.parametrize(("version_offset", "cluster"), [(0, "other"), (-1, "main")])
def test_a_cluster_that_is_not_there(host, version_offset, cluster):
    found = host.run(MODULE, version=host.version + version_offset, cluster=cluster)
    assert found["cluster"] == NO_CLUSTER


def test_a_machine_without_any_of_it(host):
    """Before the packages are there, neither their programs nor systemctl need to be."""
    bare = "mkdir -p /tmp/bare && ln -sf /usr/bin/python3 /usr/bin/bash /tmp/bare/"
    host.shell(bare)
    found = host.run(MODULE, version=host.version, packages=["bash"], path="/tmp/bare")
    assert (found["apt"], found["packages"], found["clusters"]) == (False, {}, [])
    assert found["cluster"] == NO_CLUSTER
