"""A password that an administrator resets gives no access, even if its user changes it concurrently."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from dependency_injector import providers
from sqlalchemy import text

from adapters.persistence.database.connections import transaction
from application.use_cases.access.log_in import InvalidCredentials
from domain.access.user import Role
from entrypoints.composition.container import Container
from entrypoints.configuration.settings import read_settings
from harness.people import PASSWORD, add_user_if_absent

MINE, ANOTHER = "a meadow of seven lamps", "eleven kites over a harbour"


class InterruptedUsers:
    """Users in PostgreSQL; an administrator resets a password right after its user has changed it."""

    def __init__(self, container: Container) -> None:
        self._users = container.users()
        self._container = container

    def __getattr__(self, name: str) -> Any:
        return getattr(self._users, name)

    async def change_password(self, *args: Any, **kwargs: Any) -> bool:
        changed: bool = await self._users.change_password(*args, **kwargs)
        async with transaction(self._container.engine()) as connection:
            reset = "UPDATE users SET password_hash = :hash, generation = generation + 1"
            await connection.execute(text(reset), {"hash": self._container.passwords().hash(ANOTHER)})
        return changed


@pytest.fixture
async def container(migrated_url: str, tmp_path: Path) -> AsyncIterator[Container]:
    await add_user_if_absent(migrated_url, "marta", Role.AUDITOR)
    settings = read_settings({"SCORING_DATABASE_URL": migrated_url, "SCORING_DATA_DIR": str(tmp_path)})
    container = Container(settings=settings, process="api")
    yield container
    await container.engine().dispose()


async def test_a_reset_during_a_change_leaves_no_session(container: Container) -> None:
    container.users.override(providers.Object(InterruptedUsers(container)))
    with pytest.raises(InvalidCredentials, match="changed at the same moment"):
        await container.change_own_password()("marta", PASSWORD, MINE, address="192.0.2.1")


async def test_one_of_several_concurrent_changes_is_made(container: Container) -> None:
    change = container.change_own_password()
    new = [f"{MINE} {number}" for number in range(4)]
    made = await asyncio.gather(
        *(change("marta", PASSWORD, each, address="192.0.2.1") for each in new), return_exceptions=True
    )
    refused = [isinstance(each, InvalidCredentials) for each in made]
    assert sorted(refused) == [False, True, True, True]
    account = await container.log_in()("marta", new[refused.index(False)], address="192.0.2.1")
    assert account == made[refused.index(False)]
