"""Which addresses a caller may have us call: the public internet's, not ours (server-side request forgery).

What is looked at is the very address that is connected to, after names were looked up: a name that is public when
it is checked and private when it is called leads nowhere.
"""

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

_NAT64 = IPv6Network("64:ff9b::/96")
_OUTDATED = [IPv6Network(each) for each in ("::/96", "::ffff:0:0:0/96", "fec0::/10")]
"""Where systems may still see this machine or its site, though nobody has been given such addresses for long."""


class AddressRefused(OSError):
    """The address belongs to a private network, to this machine, or to nobody."""


def check_public(address: str) -> None:
    """Return when anybody on the internet has the address; raises AddressRefused."""
    found = ip_address(address.partition("%")[0])
    inside = _inside(found) or found
    if not inside.is_global or inside.is_multicast or any(found in network for network in _OUTDATED):
        raise AddressRefused(f"{address} is not a public address")


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that is meant by an IPv6 address: mapped, by 6to4, or behind a NAT64 gateway."""
    if isinstance(address, IPv4Address):
        return None
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour


class PublicResolver(AbstractResolver):
    """Looks names up, and refuses those that lead to an address which is not public."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a name; raises AddressRefused when any of them is not public."""
        found = await self._resolver.resolve(host, port, family)
        for each in found:
            check_public(each["host"])
        return found

    async def close(self) -> None:
        """Let go."""
        await self._resolver.close()
