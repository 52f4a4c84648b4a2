"""Validation of the address of Redis or Valkey.

The client takes every parameter for an argument of its connections. One that it does not know would make each
request to the cache fail, which counts as a miss.
"""

from urllib.parse import parse_qsl, urlsplit

from entrypoints.configuration.setting_readers import address

_SCHEMES = {"valkey": "redis", "valkeys": "rediss"}
_PARAMETERS = frozenset(
    {
        *("db", "username", "password", "client_name", "socket_keepalive", "health_check_interval"),
        *("ssl_cert_reqs", "ssl_ca_certs", "ssl_ca_path", "ssl_certfile", "ssl_keyfile", "ssl_password"),
        *("ssl_check_hostname", "ssl_min_version", "ssl_ciphers"),
    }
)
_read = address("redis", "rediss", "unix", *_SCHEMES)


def redis_address(given: str) -> str | None:
    """The address with a scheme that the client knows, None when empty; raises ValueError without values."""
    parts = urlsplit(given)
    query = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    if "@" in parts.query or parts.fragment or not all(name.isidentifier() for name in query):
        raise ValueError("cannot be read; in a password write / as %2F, @ as %40, # as %23, ? as %3F and % as %25")
    url = _read(given)
    if url is None:
        return None
    if unknown := sorted(set(query) - _PARAMETERS):
        raise ValueError(
            f"has {', '.join(unknown)}, which cannot be set; the parameters are {', '.join(sorted(_PARAMETERS))}"
        )
    scheme, _, rest = url.partition("://")
    return f"{_SCHEMES.get(scheme, scheme)}://{rest}"
