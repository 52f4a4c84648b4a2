"""Logins for the service's roles in a database that is ours alone: the embedded one.

Each role logs in with a password that is derived from the owner's: nothing more has to be kept, and a command
beside the running service comes to the same one.
"""

import hmac
from urllib.parse import unquote, urlsplit

import asyncpg

from adapters.persistence.database.addresses import driver_url
from adapters.persistence.database.connections import connect
from adapters.persistence.database.migrations import MIGRATION_LOCK
from adapters.persistence.database.privileges import READ, ROLES
from application.operational_error import OperationalError

_LET_LOG_IN = (
    "ALTER ROLE {role} RESET ALL; "  # a login can change its own defaults, and one that was misused may have
    "ALTER ROLE {role} LOGIN PASSWORD '{password}' CONNECTION LIMIT {connections}"
)
_CONNECTIONS = {READ: 10}
"""Fewer than the server's 100, so that reports leave some to the service; -1: any number."""
_FEW_ITERATIONS = "SET LOCAL scram_iterations = 1"  # enough for 256 bits, and quick for every connection


class RolesNotFound(OperationalError):
    """The database has not been prepared by this release."""


async def enable_logins(owner_url: str) -> dict[str, str]:
    """Let each role log in, and give its address, by role; raises RolesMissing."""
    addresses = {role: _address(owner_url, role) for role in ROLES}
    connection = await connect(owner_url)
    try:
        async with connection.transaction():
            await connection.execute("SELECT pg_advisory_xact_lock($1)", MIGRATION_LOCK)  # one at a time
            await connection.execute(_FEW_ITERATIONS)
            for role, address in addresses.items():
                connections = _CONNECTIONS.get(role, -1)
                await connection.execute(
                    _LET_LOG_IN.format(role=role, password=urlsplit(address).password, connections=connections)
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
