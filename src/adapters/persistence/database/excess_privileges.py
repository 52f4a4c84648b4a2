"""Detects a process's login that has more privileges than a service should have."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.persistence.database.connections import transaction

_EXCESS = text("""
SELECT rolsuper, (
    SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('decisions')
) AS owns
FROM pg_roles WHERE rolname = current_user
""")


async def excess_privileges(engine: AsyncEngine) -> str | None:
    """What the login is but should not be, or None. Raises DependencyUnavailable."""
    async with transaction(engine) as connection:
        found = (await connection.execute(_EXCESS)).one()
    if found.rolsuper:
        return "a superuser"
    return "the owner of the tables" if found.owns else None
