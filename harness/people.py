"""People of a running service: added straight to its database."""

import asyncio

from adapters.persistence.connections import reading_engine
from adapters.persistence.users import PostgresUsers
from adapters.security.passwords import Argon2PasswordHasher
from domain.access.user import Role, User

PASSWORD = "a long enough password"  # noqa: S105 - of people in throw-away databases


def add_person(database_url: str, name: str, role: Role) -> None:
    """Let somebody log in with PASSWORD."""

    async def add() -> None:
        engine = reading_engine(database_url, most_connections=1)
        try:
            hashed = Argon2PasswordHasher(passes=1, memory_kib=64).hash(PASSWORD)
            assert await PostgresUsers(engine).add(User(name, role, hashed))
        finally:
            await engine.dispose()

    asyncio.run(add())
