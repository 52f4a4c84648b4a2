"""Logins for the service's roles in the embedded database, which belongs to the service alone.

Each role's password is derived from the owner's. So nothing else has to be stored, and a command run next to the
service derives the same password.
"""

import hmac
from urllib.parse import unquote, urlsplit

import asyncpg

from adapters.persistence.database.addresses import driver_url
from adapters.persistence.database.connections import connect
from adapters.persistence.database.migrations import MIGRATION_LOCK
from adapters.persistence.database.privileges import READ, ROLES
from application.operational_error import OperationalError

_ENABLE_LOGIN = (
    "ALTER ROLE {role} RESET ALL; "  # a login can change its own defaults, and a compromised one may have
    "ALTER ROLE {role} LOGIN PASSWORD '{password}' CONNECTION LIMIT {connections}"
)
_CONNECTION_LIMITS = {READ: 10}
"""Fewer than the server's 100, so that reports leave connections for the service. -1 means no limit."""
_SET_SCRAM_ITERATIONS = "SET LOCAL scram_iterations = 1"  # enough for 256 bits, and connecting stays fast


class RolesNotFound(OperationalError):
    """The database has not been prepared by this release."""


async def enable_logins(owner_url: str) -> dict[str, str]:
    """Enable login for each role and return their addresses by role. Raises RolesNotFound."""
    addresses = {role: _address(owner_url, role) for role in ROLES}
    connection = await connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)
            await connection.execute(_SET_SCRAM_ITERATIONS)
            for role, address in addresses.items():
                connections = _CONNECTION_LIMITS.get(role, -1)
                await connection.execute(
                    _ENABLE_LOGIN.format(role=role, password=urlsplit(address).password, connections=connections)
                )
    except asyncpg.UndefinedObjectError as fault:
        raise RolesNotFound(f"the database cannot be used: {fault}; run `scoring migrate` first") from fault
    finally:
        await connection.close(timeout=2)
    return addresses


def _address(owner_url: str, role: str) -> str:
    parts = urlsplit(driver_url(owner_url))
    key = unquote(parts.password or "").encode()
    password = hmac.digest(key, f"login of {role}".encode(), "sha256").hex()
    return parts._replace(netloc=f"{role}:{password}@{parts.netloc.rpartition('@')[2]}").geturl()
