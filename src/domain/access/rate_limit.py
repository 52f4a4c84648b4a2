"""How often something may be tried: so often at once, and what was used comes back evenly."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

_NETWORK_OF_ONE = 64
"""Bits: whoever has one address of IPv6 has the whole network (RFC 6177), with 2**64 of them."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """`most` at once; all of it has come back after `within`, one after the other.

    All that must be kept of the past is one moment: when everything will have come back. This is the generic cell
    rate algorithm (ITU-T I.371), there called the theoretical arrival time.
    """

    most: int
    within: timedelta

    @property
    def each(self) -> timedelta:
        """How long one takes to come back; never so long that fewer than `most` fit."""
        return timedelta(microseconds=(self.within // timedelta(microseconds=1)) // self.most)

    def after_one_more(self, full_at: datetime, now: datetime) -> datetime:
        """When everything will have come back if one more is used now."""
        return max(full_at, now) + self.each

    def wait(self, full_at: datetime, now: datetime) -> timedelta:
        """How long until one more may be used; nothing or less: it may be used now."""
        return self.after_one_more(full_at, now) - self.within - now


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """How often logging in may fail.

    `together`: for one name from one address. Where a name is familiar, because it logged in there within
    `familiar_for`, nothing else counts, so that strangers elsewhere lock nobody out. Where it is not, all that
    fail for the `name`, and all that fail from the `address`, count too.
    """

    together: RateLimit
    name: RateLimit
    address: RateLimit
    familiar_for: timedelta = timedelta(days=30)


def origin(address: str) -> str:
    """Where somebody calls from, as it is counted: an IPv4 address, or the network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address  # a socket's path, or what a proxy calls it
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    bare = str(found).partition("%")[0]
    return str(ipaddress.ip_network(f"{bare}/{_NETWORK_OF_ONE}", strict=False))
