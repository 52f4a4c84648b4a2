"""Protection against server-side request forgery: webhooks go to public internet addresses only.

The check applies to the resolved address of the connection itself, so that a name whose address changes between
check and connection (DNS rebinding) gains nothing.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_NAT64 = IPv6Network("64:ff9b::/96")
_UNICAST = IPv6Network("2000::/3")
"""The only part of IPv6 that is allocated to public addresses."""
_SPECIAL = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24"),
        *("192.168.0.0/16", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24"),
        *("224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3ffe::/16", "3fff::/20"),
    )
)
"""IANA's special-purpose address registries (RFC 6890; as of 2026), and multicast; inside 2000::/3 for IPv6.

Listed here because Python's own list differs between versions. 168.63.129.16 is a public address which in Azure
reaches the virtual machine's host. 2002::/16 (6to4) and 3ffe::/16 are deprecated.
"""


class AddressRefused(OSError):
    """The address is private, local or unassigned."""


def check_public(address: str) -> None:
    """Raise AddressRefused unless the address is a public internet address."""
    found = ip_address(address.partition("%")[0])
    if isinstance(found, IPv6Address):
        found = _ipv4_inside(found) or found
    public = isinstance(found, IPv4Address) or found in _UNICAST
    if not public or any(found in network for network in _SPECIAL if network.version == found.version):
        raise AddressRefused(f"{address} is not a public address")


def _ipv4_inside(address: IPv6Address) -> IPv4Address | None:
    """Return the IPv4 address embedded in an IPv6 address: mapped, or of a NAT64 gateway (RFC 6052)."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


class PublicResolver(AbstractResolver):
    """Resolves names, and refuses those with an address that is not public."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a name; raises AddressRefused where any of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            check_public(each["host"])
        return found

    async def close(self) -> None:
        await self._resolver.close()
