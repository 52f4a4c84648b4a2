"""Addresses of databases, as an operator may write them and as the driver wants them."""

from urllib.parse import urlsplit, urlunsplit


def driver_url(url: str) -> str:
    """The same address as asyncpg wants it: `postgres://` and `postgresql+asyncpg://` mean `postgresql://`."""
    return urlunsplit(urlsplit(url.strip())._replace(scheme="postgresql"))
