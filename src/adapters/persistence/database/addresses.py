"""Database addresses: what of libpq's URLs asyncpg does not know is translated for it.

asyncpg sends every parameter that it does not know to the server as a setting, which refuses the connection.
`entrypoints.configuration.database_parameters` refuses what is neither known to asyncpg nor translated here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

_WITHOUT_EFFECT = frozenset(
    {
        "channel_binding",  # asyncpg logs in by SCRAM without it
        "client_encoding",
        "fallback_application_name",
        "gssdelegation",
        "gssencmode",
        "load_balance_hosts",
        "max_protocol_version",
        "min_protocol_version",
        "sslcertmode",
        "sslcompression",
        "sslsni",
    }
)
"""Accepted only with values that ask for what asyncpg does anyway."""
_SOCKET_OPTIONS = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""Unless the address says otherwise, a server that is silently gone is noticed within 20 seconds while a
connection is idle, and within ten while a statement waits for its answer. Milliseconds for the last, else seconds.
"""
_AUTHORITIES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
    "/etc/ssl/cert.pem",  # macOS, BSD
)
_OPTION = re.compile(r"-c\s+(?:\\.|\S)+|(?:\\.|\S)+")
_SEARCH_PATH_OPTION = re.compile(r"(?:-c\s*|--)search[_-]path=(\S*)")


@dataclass(frozen=True, slots=True)
class DatabaseAddress:
    """An address in parts.

    `arguments` are those of `asyncpg.connect`, `socket_options` libpq's keepalive parameters, and `search_path`
    the schemas of the service's tables, as SQL; empty means the login's own.
    """

    arguments: Mapping[str, Any]
    search_path: str = ""
    socket_options: Mapping[str, int] = field(default_factory=lambda: dict(_SOCKET_OPTIONS))
    connect_timeout: float | None = None


def parse_address(url: str) -> DatabaseAddress:
    """The address with everything that asyncpg needs to be given in another way."""
    parts = urlsplit(driver_url(url))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    query = {name: value for name, value in query.items() if name not in _WITHOUT_EFFECT}
    settings = {"application_name": query.pop("application_name", "") or "credit-scoring"}
    search_path, options = _search_path(query)
    if options:
        settings["options"] = options
    seconds = query.pop("connect_timeout", "")
    sockets = {name: int(query.pop(name, "") or usual) for name, usual in _SOCKET_OPTIONS.items()}
    if query.get("sslrootcert") == "system":
        query["sslmode"] = "verify-full"  # as libpq
        query["sslrootcert"] = next((name for name in _AUTHORITIES if Path(name).is_file()), _AUTHORITIES[0])
    if _is_socket(query.get("host") or unquote(parts.netloc.rpartition("@")[2])):
        query["sslmode"] = "disable"  # as libpq, also where PGSSLMODE says otherwise
    arguments: dict[str, Any] = {"server_settings": settings}
    if "servicefile" in query:
        arguments["servicefile"] = query.pop("servicefile")
    path = "" if parts.path == "/" else parts.path  # asyncpg takes it for an empty name
    arguments["dsn"] = urlunsplit(parts._replace(path=path, query=_encoded(query)))
    return DatabaseAddress(
        arguments,
        ", ".join(map(_quoted, filter(None, search_path.split(", ")))),
        sockets,
        connect_timeout=max(2.0, float(seconds)) if seconds and int(seconds) > 0 else None,  # as libpq
    )


def driver_url(url: str) -> str:
    """The address with the scheme `postgresql://`, instead of `postgres://` or `postgresql+asyncpg://`."""
    return urlunsplit(urlsplit(url.strip())._replace(scheme="postgresql"))


def libpq_url(url: str) -> str:
    """The address for PostgreSQL's own programs, which know the search path as an option."""
    parts = urlsplit(driver_url(url))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    search_path, options = _search_path(query)
    if search_path:
        query["options"] = f"{options} -csearch_path={search_path.replace(' ', '')}".strip()
    elif options:
        query["options"] = options
    return urlunsplit(parts._replace(query=_encoded(query)))


def _search_path(query: dict[str, str]) -> tuple[str, str]:
    """Take the search path and the other server options out of the query."""
    search_path = query.pop("search_path", "")
    options: list[str] = []
    for option in _OPTION.findall(query.pop("options", "")):
        if (match := _SEARCH_PATH_OPTION.fullmatch(option)) is None:
            options.append(option)
        else:
            search_path = search_path or match[1]
    return ", ".join(name.strip() for name in search_path.split(",") if name.strip()), " ".join(options)


def _is_socket(hosts: str) -> bool:
    return all(host.startswith("/") for host in hosts.split(","))


def _quoted(schema: str) -> str:
    """As written in SQL, where a name such as `user` has another meaning without quotation marks."""
    return schema if schema.startswith('"') else f'"{schema}"'


def _encoded(query: Mapping[str, str]) -> str:
    return urlencode(query, safe="/,", quote_via=quote)
