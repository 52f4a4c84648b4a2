"""Validation of the database address.

Accepted forms are `postgresql://user:password@host:port/database` and, for a Unix socket,
`postgresql://user@/database?host=/run/postgresql`. `postgres://` and `postgresql+asyncpg://` are synonyms. Several
hosts are separated by commas. The query takes the parameters of libpq (`sslmode`, `sslrootcert`, …), and
`search_path` (`database_parameters.py`).
"""

import re
from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qs, parse_qsl, urlsplit

from entrypoints.configuration.database_parameters import (
    faults_of_parameters,
    notes_on_parameters,
    search_path_in,
)

_SCHEMES = ("postgresql", "postgres", "postgresql+asyncpg")
_HOST = re.compile(r"(?P<name>\[[0-9A-Fa-f:.%]+\]|[^:\[\]]*)(?::(?P<port>[^:]*))?")
_EXAMPLE = "postgresql://user:password@host:5432/database"
_ENCODED = "in a password write / as %2F, @ as %40, # as %23, ? as %3F, : as %3A and % as %25"


def database_address(given: str) -> str | None:
    """Return the address, or None when empty; raises ValueError, which never quotes what may be a password."""
    if not given:
        return None
    fault = _fault_of(given)
    if fault is not None:
        raise ValueError(fault)
    return given


def address_notes(given: str | None) -> list[str]:
    """What of a valid address is weaker than asked for."""
    return notes_on_parameters(dict(parse_qsl(urlsplit(given).query))) if given else []


def search_path_of(given: str) -> str:
    """The search path that a valid address names; empty where it names none."""
    return search_path_in(dict(parse_qsl(urlsplit(given).query)))


def _fault_of(url: str) -> str | None:
    try:
        parts = urlsplit(url.strip())
        query = parse_qs(parts.query, keep_blank_values=True)
    except ValueError:
        return f"cannot be read; write it as {_EXAMPLE}; {_ENCODED}"
    if parts.scheme not in _SCHEMES:
        return "must begin with postgresql://"
    if parts.netloc.count("@") > 1 or "@" in parts.path + parts.query or parts.fragment:
        return f"cannot be read; {_ENCODED}"
    if faults := faults_of_parameters({name: values[-1] for name, values in query.items()}):
        return "; ".join(faults)
    return None if query.get("service") else _fault_of_place(parts, query)  # the service file may name it


def _fault_of_place(parts: SplitResult, query: Mapping[str, list[str]]) -> str | None:
    hosts = [host for host in parts.netloc.rpartition("@")[2].split(",") if host]
    if not hosts and not query.get("host", [""])[0]:
        return f"names no host; write it as {_EXAMPLE}, or with ?host=/folder/of/the/socket"
    if not parts.path.strip("/") and not query.get("dbname", query.get("database", [""]))[0]:
        return f"names no database; write it as {_EXAMPLE}"
    ports = [port for each in query.get("port", []) for port in each.split(",")]
    return _fault_of_hosts(hosts, ports)


def _fault_of_hosts(hosts: list[str], ports: list[str]) -> str | None:
    for host in hosts:
        matched = _HOST.fullmatch(host)
        if matched is None:
            return f"names a host that cannot be read; write it as {_EXAMPLE}; {_ENCODED}"
        ports = [*ports, *filter(None, [matched["port"]])]
    if all(port.isdecimal() and 0 < int(port) < 65536 for port in ports):
        return None
    return f"names a port that is no number from 1 to 65535; {_ENCODED}"
