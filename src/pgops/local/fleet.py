"""The hosts that run on this machine: a host more is a line more."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pgops.errors import PgopsError
from pgops.paths import ROOT


@dataclass(frozen=True)
class Host:
    """A container that stands for a machine."""

    name: str
    address: int
    """Last number of its IPv4 address; .1 is this machine."""
    memory: str
    """Memory limit as Docker writes it."""
    serves: str = "databases"
    """What the machine is for; only one for databases is asked about them."""


@dataclass(frozen=True)
class Fleet:
    """Hosts on a network of their own, and the inventory that describes them."""

    name: str
    prefix: str
    inventory: Path
    first_subnet: int
    """Third number of the first subnet 10.203.N.0/24 to try."""
    hosts: tuple[Host, ...]

    @property
    def network(self) -> str:
        """Name of the Docker network."""
        return self.prefix

    def container(self, host: Host) -> str:
        """Name of a host's container, and of the machine inside."""
        return f"{self.prefix}-{host.name}"

    def volume(self, host: Host) -> str:
        """Name of the volume that keeps a host's downloaded packages. One each: apt locks its folder."""
        return f"{self.container(host)}-packages"

    def host(self, name: str) -> Host:
        """The host of that inventory name."""
        for host in self.hosts:
            if host.name == name:
                return host
        known = ", ".join(host.name for host in self.hosts)
        raise PgopsError(f"there is no local host '{name}'; the {self.name} inventory has {known}")


HOSTS = (
    Host("db1", address=11, memory="1536m"),
    Host("db2", address=12, memory="1536m"),
    Host("db3", address=13, memory="1536m"),
    Host("ops1", address=21, memory="512m", serves="the backup repository"),
)

LOCAL = Fleet("local", "pgops", ROOT / "inventories" / "local", first_subnet=0, hosts=HOSTS)
TEST = Fleet("test", "pgops-test", ROOT / "molecule" / "inventory", first_subnet=100, hosts=HOSTS)
MIRROR = Fleet(
    "mirror",
    "pgops-mirror",
    ROOT / "molecule" / "private_mirror" / "inventory",
    first_subnet=150,
    hosts=(*HOSTS, Host("mirror", address=31, memory="1024m", serves="the private mirror")),
)
STORAGE = Fleet(
    "storage",
    "pgops-s3",
    ROOT / "molecule" / "object_storage" / "inventory",
    first_subnet=170,
    hosts=(*HOSTS[:2], Host("s3", address=41, memory="1024m", serves="object storage")),
)
BENCH = Fleet(
    "bench",
    "pgops-bench",
    ROOT / "bench" / "inventory",
    first_subnet=200,
    hosts=(
        Host("op1", address=11, memory="1536m"),
        Host("op2", address=12, memory="1536m"),
        Host("tx1", address=13, memory="4g"),
        Host("app1", address=14, memory="6g"),
        Host("ops1", address=21, memory="1g", serves="the backup repository"),
    ),
)
FLEETS = {fleet.name: fleet for fleet in (LOCAL, TEST, MIRROR, STORAGE, BENCH)}
