"""The contract of every user directory."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import pytest

from adapters.memory.user_directory import MemoryUserDirectory
from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.database.connections import database_engine
from application.ports.access.user_directory import UserDirectory
from application.ports.access.users import Users
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.account import Account
from domain.access.user import Role
from support.builders import a_user, an_event
from support.memory.decisions import MemoryDecisions
from support.memory.users import MemoryUsers


@pytest.fixture
async def postgres_users(migrated_url: str) -> AsyncIterator[Users]:
    engine = database_engine(migrated_url)
    yield PostgresUsers(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def users(request: pytest.FixtureRequest) -> Users:
    if request.param == "postgres":
        found: Users = request.getfixturevalue("postgres_users")
        return found
    return MemoryUsers(MemoryDecisions())


@pytest.fixture
def directory(users: Users) -> UserDirectory:
    return MemoryUserDirectory(users)


async def test_before_the_first_refresh_no_user_is_reported_as_unknown(directory: UserDirectory) -> None:
    with pytest.raises(DependencyUnavailable):
        directory.find("marta")


async def test_users_are_known_as_of_the_last_refresh(users: Users, directory: UserDirectory) -> None:
    await directory.refresh()
    assert directory.find("marta") is None
    await users.add(a_user(), event=an_event())
    assert directory.find("marta") is None
    await directory.refresh()
    added = await users.find("marta")
    assert added is not None
    assert directory.find("marta") == Account.of(added)
    await users.change_role("marta", Role.AUDITOR, event=an_event())
    await users.add(a_user(name="olga", must_change_password=True), event=an_event())
    await directory.refresh()
    changed, other = directory.find("marta"), directory.find("olga")
    assert changed is not None
    assert changed.actor.role is Role.AUDITOR
    assert changed.generation > added.generation
    assert other is not None
    assert other.must_change_password
    await users.remove("marta", event=an_event())
    await directory.refresh()
    assert directory.find("marta") is None


class CountedUsers(MemoryUsers):
    """Counts how often all users are read; fails while it is `away`."""

    reads, unavailable = 0, False

    async def accounts(self) -> Sequence[Account]:
        self.reads += 1
        await asyncio.sleep(0)
        if self.unavailable:
            raise DependencyUnavailable("away")
        return await super().accounts()


async def test_known_users_stay_known_while_the_storage_is_unavailable() -> None:
    users = CountedUsers(MemoryDecisions())
    await users.add(a_user(), event=an_event())
    directory = MemoryUserDirectory(users)
    await directory.refresh()
    users.unavailable = True
    with pytest.raises(DependencyUnavailable):
        await directory.refresh()
    assert directory.find("marta") is not None
    await users.remove("marta", event=an_event())
    users.unavailable = False
    await directory.refresh()
    assert directory.find("marta") is None


async def test_concurrent_refreshes_share_one_read() -> None:
    users = CountedUsers(MemoryDecisions())
    directory = MemoryUserDirectory(users)
    await directory.refresh()
    await asyncio.gather(*(directory.refresh() for _ in range(100)))
    assert users.reads == 2


async def test_an_invalidated_directory_works_again_after_a_refresh(
    users: Users, directory: UserDirectory
) -> None:
    await users.add(a_user(), event=an_event())
    await directory.refresh()
    directory.invalidate()
    with pytest.raises(DependencyUnavailable):
        directory.find("marta")
    await directory.refresh()
    assert directory.find("marta") is not None
