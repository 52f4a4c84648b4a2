"""Addresses of databases: what may be given, and what is wrong with one that may not.

`postgresql://user:password@host:port/database`, or with a folder of unix sockets
`postgresql://user@/database?host=/run/postgresql`; `postgres://` and `postgresql+asyncpg://` mean the same.
Several hosts may stand between commas. The query may carry what libpq knows (`sslmode`, `sslrootcert`, …).
"""

import re
from urllib.parse import parse_qs, urlsplit, urlunsplit

_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_EXAMPLE = "postgresql://user:password@host:5432/database"


def check_database_url(url: str) -> str | None:
    """What is wrong with the address, for the person who set it; None when it can be tried.

    It never quotes the password.
    """
    try:
        parts = urlsplit(url.strip())
        query = parse_qs(parts.query, keep_blank_values=True)
    except ValueError as fault:
        return f"it cannot be read ({fault}); write it as {_EXAMPLE}"
    if parts.scheme not in _SCHEMES:
        given = f"{parts.scheme}://" if "://" in url else "no scheme"
        return f"it must begin with postgresql://, not {given}"
    hosts = [host for host in parts.netloc.rpartition("@")[2].split(",") if host]
    if not hosts and not query.get("host", [""])[0]:
        return f"it names no host; write it as {_EXAMPLE}, or with ?host=/folder/of/the/socket"
    if not parts.path.strip("/"):
        return f"it names no database; write it as {_EXAMPLE}"
    return _fault_of_hosts(hosts, query.get("port", []))


def _fault_of_hosts(hosts: list[str], ports: list[str]) -> str | None:
    for host in hosts:
        matched = _HOST.fullmatch(host)
        if matched is None:
            return f"the host {host!r} cannot be read; write the address as {_EXAMPLE}"
        ports = [*ports, *filter(None, [matched["port"]])]
    for port in ports:
        if not (port.isdecimal() and 0 < int(port) < 65536):
            return f"the port must be a number from 1 to 65535, not {port!r}"
    return None


def driver_url(url: str) -> str:
    """The same address as asyncpg wants it."""
    return urlunsplit(urlsplit(url.strip())._replace(scheme="postgresql"))
