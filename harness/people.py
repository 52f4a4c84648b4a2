"""Users of a running service, added directly to its database."""

import asyncio

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import database_engine
from adapters.security.passwords import Argon2PasswordHasher
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.access.manage_users import AddUser, NameTaken
from application.use_cases.audit.event_factory import EventFactory
from domain.access.user import Role

PASSWORD = "a long enough password"  # noqa: S105 - of users in temporary databases


async def add_user_if_absent(database_url: str, name: str, role: Role, *, must_change: bool = False) -> bool:
    """Add a user with PASSWORD; return False if the name is taken."""
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


def add_user(database_url: str, name: str, role: Role) -> None:
    """Add a new user with PASSWORD."""
    assert asyncio.run(add_user_if_absent(database_url, name, role))
