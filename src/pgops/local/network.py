"""The network of a fleet: a bridge with a subnet that nothing else on this machine uses."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network
from pathlib import Path

from pgops.errors import PgopsError
from pgops.local import docker
from pgops.local.engine import default_route_mtu
from pgops.local.fleet import Fleet

TRIES = 50


def ensure(fleet: Fleet) -> IPv4Network:
    """Subnet of the fleet's network, which is made when missing.

    Packets are no larger than those of this machine's way out: a bridge of 1500
    bytes in front of a tunnel of 1400 loses the large ones without a word.
    """
    known = docker.inspect("network", fleet.network)
    if known:
        return subnet_of(known[0])
    for subnet in free_subnets(fleet.first_subnet, used_subnets(Path("/proc/net/route").read_text())):
        result = docker.attempt(*create_arguments(fleet, subnet, default_route_mtu()))
        if result.returncode == 0:
            return subnet
        # Docker knows of networks of its own that have no route yet.
        if "overlap" not in result.stderr.lower():
            raise PgopsError(f"network {fleet.network} could not be made: {docker.last_lines(result.stderr)}")
    raise PgopsError(f"no free subnet for network {fleet.network} in 10.203.0.0/16: remove networks of no more use")


def create_arguments(fleet: Fleet, subnet: IPv4Network, mtu: int) -> list[str]:
    """Arguments of docker."""
    return [
        *("network", "create", "--subnet", str(subnet), "--gateway", str(subnet[1])),
        *("--opt", f"com.docker.network.driver.mtu={mtu}"),
        *("--label", f"pgops.environment={fleet.name}", fleet.network),
    ]


def subnet_of(network: dict) -> IPv4Network:
    """Subnet in what the engine says of a network."""
    return IPv4Network(network["IPAM"]["Config"][0]["Subnet"])


def prefix(subnet: IPv4Network) -> str:
    """First three numbers of a subnet's addresses, as the inventory wants them."""
    return str(subnet.network_address).rsplit(".", 1)[0]


def used_subnets(routes: str) -> list[IPv4Network]:
    """Subnets in the text of /proc/net/route, which writes addresses in hexadecimal, lowest byte first."""
    subnets = []
    for line in routes.splitlines()[1:]:
        columns = line.split()
        destination, mask = (int.from_bytes(bytes.fromhex(columns[index]), "little") for index in (1, 7))
        if mask:
            subnets.append(IPv4Network((destination, mask.bit_count())))
    return subnets


def free_subnets(first: int, used: list[IPv4Network]) -> Iterator[IPv4Network]:
    """Subnets to try, always in the same order so that a machine gets the same one again."""
    for number in range(first, first + TRIES):
        subnet = IPv4Network(f"10.203.{number}.0/24")
        if not any(subnet.overlaps(other) for other in used):
            yield subnet
