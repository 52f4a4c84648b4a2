"""Validation of the parameters of a database address.

They are those of libpq. The driver, asyncpg, knows some of them, `adapters.persistence.database.addresses`
translates others, and what neither can do is refused here with what to do.
"""

import os
import re
from collections.abc import Callable, Mapping
from configparser import ConfigParser
from configparser import Error as UnreadableFile
from pathlib import Path

_Check = Callable[[str, Mapping[str, str]], str | None]
"""What is wrong with a value, beside the other parameters; None where nothing is."""

_IDENTIFIER = r'([a-z_][a-z0-9_]{0,62}|"\$user")'
_SEARCH_PATH = re.compile(rf"\s*{_IDENTIFIER}(\s*,\s*{_IDENTIFIER})*\s*")
_OPTION = re.compile(r"(?:-c\s*|--)search[_-]path=(\S*)")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_PROTECTED = ("require", "verify-ca", "verify-full")


def _any(_: str, __: Mapping[str, str]) -> None:
    return None


def _one_of(*choices: str) -> _Check:
    def check(value: str, _: Mapping[str, str]) -> str | None:
        return None if value in choices else f"must be {', '.join(choices[:-1])} or {choices[-1]}"

    return check


def _only(*values: str, advice: str) -> _Check:
    def check(value: str, _: Mapping[str, str]) -> str | None:
        return None if value in values else f"can only be {' or '.join(values)}: {advice}"

    return check


def _number(value: str, _: Mapping[str, str]) -> str | None:
    return None if value.isdecimal() and int(value) < 2**31 else "must be a whole number"


def _file(value: str, _: Mapping[str, str]) -> str | None:
    return None if not value or Path(value).is_file() else f"names no file: {value}"


def _root_certificate(value: str, others: Mapping[str, str]) -> str | None:
    if value != "system":
        return _file(value, others)
    return (
        None if others.get("sslmode") in {None, "verify-full"} else "can be system only with sslmode=verify-full"
    )


def _channel_binding(value: str, others: Mapping[str, str]) -> str | None:
    if value == "require" and others.get("sslmode") not in _PROTECTED:
        return "can be require only with sslmode=require, verify-ca or verify-full"
    return _one_of("disable", "prefer", "require")(value, others)


def _search_path(value: str, _: Mapping[str, str]) -> str | None:
    if _SEARCH_PATH.fullmatch(value):
        first = value.partition(",")[0].strip()
        of_the_server = first.startswith("pg_") or first == "information_schema"
        return f"cannot begin with {first}, which belongs to the server" if of_the_server else None
    return "must be names of schemas in lower case, separated by commas"


def _options(value: str, others: Mapping[str, str]) -> str | None:
    match = _OPTION.search(value)
    return None if match is None else _search_path(match[1], others)


def _service(value: str, others: Mapping[str, str]) -> str | None:
    """The driver ignores a service that it does not find, and what it does not know of one."""
    file = Path(others.get("servicefile") or os.environ.get("PGSERVICEFILE") or Path.home() / ".pg_service.conf")
    services = ConfigParser(interpolation=None)
    try:
        services.read(file)
    except (UnreadableFile, UnicodeDecodeError):
        return f"cannot be read from {file}"
    if value not in services:
        return f"is not in {file} (servicefile, or the variable PGSERVICEFILE, names another file)"
    unknown = [name for name in services[value] if name not in DRIVER_PARAMETERS]
    return f"has {', '.join(unknown)} in {file}: write them into the address" if unknown else None


def _refused(advice: str) -> _Check:
    return lambda _, __: f"is not supported: {advice}"


_NO_GSS = "the driver does not encrypt by GSSAPI; use TLS (sslmode)"
_SERVER_SETTING = "remove it; a setting of the server is given as options=-c%20NAME%3DVALUE"
_POOL = "remove it; a pooler's address belongs in SCORING_DATABASE_POOLER_URL"
_PASSWORD = "use a password, a password file (passfile) or a client certificate (sslcert, sslkey)"  # noqa: S105 - advice

DRIVER_PARAMETERS: Mapping[str, _Check] = {
    "host": _any,
    "port": _any,
    "user": _any,
    "password": _any,
    "dbname": _any,
    "database": _any,
    "passfile": _file,
    "sslmode": _one_of("disable", "allow", "prefer", *_PROTECTED),
    "sslcert": _file,
    "sslkey": _file,
    "sslrootcert": _root_certificate,
    "sslcrl": _file,
    "sslpassword": _any,
    "sslnegotiation": _one_of("postgres", "direct"),
    "ssl_min_protocol_version": _one_of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "ssl_max_protocol_version": _one_of("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"),
    "target_session_attrs": _one_of("any", "primary", "standby", "read-write", "read-only", "prefer-standby"),
    "krbsrvname": _any,
    "gsslib": _one_of("gssapi", "sspi"),
}
"""What asyncpg reads from an address and from a service file."""

PARAMETERS: Mapping[str, _Check] = {
    **DRIVER_PARAMETERS,
    "service": _service,
    # translated
    "servicefile": _any,
    "application_name": _any,
    "connect_timeout": _number,
    "keepalives": _one_of("0", "1"),
    "keepalives_idle": _number,
    "keepalives_interval": _number,
    "keepalives_count": _number,
    "tcp_user_timeout": _number,
    "options": _options,
    "search_path": _search_path,  # not libpq's, but widespread
    # left out, because the value asks for what happens anyway
    "channel_binding": _channel_binding,
    "client_encoding": _only("auto", "UTF8", "utf8", "UTF-8", "utf-8", advice="the service uses no other"),
    "fallback_application_name": _any,
    "gssdelegation": _only("0", advice=_NO_GSS),
    "gssencmode": _only("disable", "prefer", advice=_NO_GSS),
    "load_balance_hosts": _only("disable", advice="name the hosts in another order for each process"),
    "min_protocol_version": _only("3.0", advice="the driver speaks 3.0"),
    "max_protocol_version": _any,
    "sslcertmode": _only("allow", advice="a certificate is sent where the server asks for one"),
    "sslcompression": _only("0", advice="TLS is not compressed"),
    "sslsni": _only("1", advice="the name of the server is always sent"),
    # refused
    "hostaddr": _refused("write the IP address in the place of the host"),
    "replication": _refused("remove it"),
    "require_auth": _refused("remove it; what the server accepts is configured in its pg_hba.conf"),
    "requirepeer": _refused("remove it, and protect the folder of the socket"),
    "requiressl": _refused("use sslmode=require"),
    "sslcrldir": _refused("use sslcrl, one file"),
    "sslkeylogfile": _refused("set the variable SSLKEYLOGFILE"),
    **dict.fromkeys(("scram_client_key", "scram_server_key"), _refused(_PASSWORD)),
    **dict.fromkeys(
        ("oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope"), _refused(_PASSWORD)
    ),
    # of other drivers and of providers' consoles
    **dict.fromkeys(("ssl", "sslaccept", "tlsmode"), _refused("use sslmode=require or verify-full")),
    **dict.fromkeys(("schema", "currentSchema", "current_schema"), _refused("use search_path")),
    **dict.fromkeys(
        ("pgbouncer", "prepareThreshold", "prepared_statements", "statement_cache_size"), _refused(_POOL)
    ),
    **dict.fromkeys(
        ("connection_limit", "pool_timeout", "pool_max_conns", "max_conns", "connectTimeout", "loginTimeout"),
        _refused("remove it; connection pools have fixed sizes, and connect_timeout is libpq's word"),
    ),
    "statement_timeout": _refused(_SERVER_SETTING),
}


def faults_of_parameters(query: Mapping[str, str]) -> list[str]:
    """A fault for each parameter that cannot be honored; none quotes a value."""
    faults = []
    for name, value in query.items():
        check = PARAMETERS.get(name)
        if check is None and not _NAME.fullmatch(name):
            faults.append("cannot be read")
        elif check is None:
            faults.append(f"{name} is not a parameter of a PostgreSQL address: {_SERVER_SETTING}")
        elif fault := check(value, query):
            faults.append(f"{name} {fault}")
    return faults


def search_path_in(query: Mapping[str, str]) -> str:
    """The search path among the parameters, without spaces."""
    match = _OPTION.search(query.get("options", ""))
    return (query.get("search_path") or (match[1] if match else "")).replace(" ", "")


def notes_on_parameters(query: Mapping[str, str]) -> list[str]:
    """What of the parameters is weaker than asked for."""
    if query.get("channel_binding") == "require":
        return [
            "channel_binding=require is left out, because the driver does not know it: "
            "sslmode=verify-full with sslrootcert makes sure that the server is the right one"
        ]
    return []
