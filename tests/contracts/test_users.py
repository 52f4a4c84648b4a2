"""What every keeper of users promises."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.memory.users import MemoryUsers
from adapters.persistence.connections import reading_engine
from adapters.persistence.users import PostgresUsers
from application.ports.users import Users
from builders import a_user
from domain.access.user import Role


@pytest.fixture
async def postgres_users(migrated_url: str) -> AsyncIterator[Users]:
    engine = reading_engine(migrated_url, most_connections=8)
    yield PostgresUsers(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def users(request: pytest.FixtureRequest) -> Users:
    if request.param == "postgres":
        found: Users = request.getfixturevalue("postgres_users")
        return found
    return MemoryUsers()


@pytest.mark.parametrize("name", ["marta", "", "\0", "\ud800", "'; --", "Łukasz 🏦"])
async def test_nobody_is_found_where_there_is_nobody(users: Users, name: str) -> None:
    assert await users.find(name) is None


@pytest.mark.parametrize("role", Role)
async def test_a_user_is_found_as_kept(users: Users, role: Role) -> None:
    user = a_user(name="Łukasz 🏦", role=role)
    await users.keep(user)
    assert await users.find(user.name) == user


async def test_names_are_told_apart_by_case(users: Users) -> None:
    await users.keep(a_user(name="marta"))
    assert await users.find("Marta") is None


async def test_keeping_a_user_again_replaces_the_first(users: Users) -> None:
    await users.keep(a_user())
    promoted = replace(a_user(), role=Role.RISK_MANAGER, password_hash="another")
    await users.keep(promoted)
    assert await users.find(promoted.name) == promoted


async def test_the_first_user_is_added_where_there_is_none(users: Users) -> None:
    assert await users.add_if_none(a_user())
    assert await users.find("marta") == a_user()


async def test_where_there_is_a_user_nobody_is_added_and_nothing_changes(users: Users) -> None:
    await users.keep(a_user())
    assert not await users.add_if_none(a_user(name="intruder"))
    assert not await users.add_if_none(a_user(password_hash="another"))
    assert await users.find("intruder") is None
    assert await users.find("marta") == a_user()


async def test_of_several_first_users_at_once_one_is_added(users: Users) -> None:
    added = await asyncio.gather(*(users.add_if_none(a_user(name=f"user {number}")) for number in range(8)))
    assert added.count(True) == 1
