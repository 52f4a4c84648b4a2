"""People of a running service, added straight to its database."""

import asyncio

from adapters.persistence.connections import reading_engine
from adapters.persistence.users import PostgresUsers
from adapters.security.passwords import Argon2PasswordHasher
from domain.access.user import Role, User

PASSWORD = "a long enough password"  # noqa: S105 - of people in throw-away databases


async def add_person_if_absent(database_url: str, name: str, role: Role, *, must_change: bool = False) -> bool:
    """Let somebody log in with PASSWORD; False where there is a user of this name."""
    engine = reading_engine(database_url, most_connections=1)
    try:
        hashed = Argon2PasswordHasher(passes=1, memory_kib=64).hash(PASSWORD)
        return await PostgresUsers(engine).add(User(name, role, hashed, must_change_password=must_change))
    finally:
        await engine.dispose()


def add_person(database_url: str, name: str, role: Role) -> None:
    """Let somebody new log in with PASSWORD."""
    assert asyncio.run(add_person_if_absent(database_url, name, role))
