"""People of a running service, added straight to its database."""

import asyncio

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import database_engine
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.access.manage_users import AddUser, NameTaken
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Role

PASSWORD = "a long enough password"  # noqa: S105 - of people in throw-away databases


async def add_person_if_absent(database_url: str, name: str, role: Role, *, must_change: bool = False) -> bool:
    """Let somebody log in with PASSWORD; False where there is a user of this name."""
    engine = database_engine(database_url, max_connections=1)
    try:
        passwords = Argon2PasswordHasher(passes=1, memory_kib=64)
        add = AddUser(PostgresUsers(engine), passwords, EventFactory(SystemClock(), TimeOrderedIdentifiers()))
        await add(name, role, PASSWORD, by="os:harness", must_change=must_change)
    except NameTaken:
        return False
    finally:
        await engine.dispose()
    return True


def add_person(database_url: str, name: str, role: Role) -> None:
    """Let somebody new log in with PASSWORD."""
    assert asyncio.run(add_person_if_absent(database_url, name, role))
