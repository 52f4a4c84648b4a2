"""Database addresses in the form that asyncpg accepts."""

from urllib.parse import urlsplit, urlunsplit


def driver_url(url: str) -> str:
    """The address with the scheme `postgresql://`, instead of `postgres://` or `postgresql+asyncpg://`."""
    return urlunsplit(urlsplit(url.strip())._replace(scheme="postgresql"))
