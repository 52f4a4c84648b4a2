"""Rate limits: how many attempts are allowed at once, and how fast the allowance refills."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

_IPV6_PREFIX_BITS = 64
"""A client with one IPv6 address usually has the whole /64 network (RFC 6177)."""


class InvalidRateLimit(ValueError):
    """A limit must allow at least one attempt in a positive time."""


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A burst of `most` attempts, which refills evenly over `within`.

    The only state is the time at which the allowance will be full again. This is the generic cell rate algorithm
    (ITU-T I.371), where that time is called the theoretical arrival time.
    """

    most: int
    within: timedelta

    def __post_init__(self) -> None:
        if self.most < 1 or self.within <= timedelta():
            raise InvalidRateLimit(f"a limit of {self.most} attempts within {self.within} allows none")

    @property
    def each(self) -> timedelta:
        """How long one attempt takes to refill, rounded down so that `most` always fit into `within`."""
        return timedelta(microseconds=(self.within // timedelta(microseconds=1)) // self.most)

    def after_one_more(self, full_at: datetime, now: datetime) -> datetime:
        """When the allowance will be full again if one more attempt is made now."""
        return max(full_at, now) + self.each

    def wait(self, full_at: datetime, now: datetime) -> timedelta:
        """How long until one more attempt is allowed; zero or negative if it is allowed now."""
        return self.after_one_more(full_at, now) - self.within - now


@dataclass(frozen=True, slots=True)
class LoginLimits:
    """Limits of failed logins.

    `per_username_and_address` applies to one username from one address. A username that logged in from an address
    within `familiar_for` is limited there by it alone, so that attackers at other addresses cannot lock it out.
    Anywhere else, all failures for the `name` and all failures from the `address` count too.
    """

    per_username_and_address: RateLimit
    name: RateLimit
    address: RateLimit
    familiar_for: timedelta = timedelta(days=30)


def origin(address: str) -> str:
    """What limits count by: an IPv4 address, or the /64 network of an IPv6 address."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address  # the path of a socket, or a name given by a proxy
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    without_zone = str(found).partition("%")[0]
    return str(ipaddress.ip_network(f"{without_zone}/{_IPV6_PREFIX_BITS}", strict=False))
