"""What every keeper of users promises."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from adapters.memory.users import MemoryUsers
from adapters.persistence.connections import reading_engine
from adapters.persistence.users import PostgresUsers
from application.ports.users import Users
from builders import a_user
from domain.access.user import LastAdmin, Role, User


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


def an_admin(name: str) -> User:
    return a_user(name=name, role=Role.ADMIN)


@pytest.mark.parametrize("name", ["marta", "", "\0", "\ud800", "'; --", "Łukasz 🏦"])
async def test_nobody_is_found_where_there_is_nobody(users: Users, name: str) -> None:
    assert await users.find(name) is None


@pytest.mark.parametrize("role", Role)
async def test_a_user_is_found_as_added(users: Users, role: Role) -> None:
    user = a_user(name="Łukasz 🏦", role=role)
    await users.add(user)
    assert await users.find(user.name) == user


async def test_names_are_told_apart_by_case(users: Users) -> None:
    await users.add(a_user(name="marta"))
    assert await users.find("Marta") is None


async def test_a_name_that_is_taken_stays_whose_it_is(users: Users) -> None:
    user = a_user()
    assert await users.add(user)
    assert not await users.add(user)
    assert not await users.add(a_user(role=Role.ADMIN, password_hash="another"))
    assert await users.all() == [a_user()]


async def test_everybody_is_listed(users: Users) -> None:
    assert await users.all() == []
    everybody = [a_user(name=role.value, role=role) for role in Role]
    for user in everybody:
        await users.add(user)
    assert sorted(await users.all(), key=lambda user: user.name) == sorted(everybody, key=lambda user: user.name)


async def test_a_new_password_leaves_the_role_and_everybody_else_as_they_are(users: Users) -> None:
    await users.add(a_user())
    await users.add(a_user(name="olga"))
    assert await users.change_password("marta", "another")
    assert await users.find("marta") == a_user(password_hash="another")
    assert await users.find("olga") == a_user(name="olga")


async def test_a_new_role_leaves_the_password_and_everybody_else_as_they_are(users: Users) -> None:
    await users.add(a_user())
    await users.add(a_user(name="olga"))
    assert await users.change_role("marta", Role.RISK_MANAGER)
    assert await users.find("marta") == a_user(role=Role.RISK_MANAGER)
    assert await users.find("olga") == a_user(name="olga")


async def test_whoever_is_removed_is_gone_and_the_name_free(users: Users) -> None:
    await users.add(a_user())
    await users.add(a_user(name="olga"))
    assert await users.remove("marta")
    assert await users.all() == [a_user(name="olga")]
    assert not await users.remove("marta")
    assert await users.add(a_user())


@pytest.mark.parametrize("name", ["Marta", "", "\0", "\ud800", "' OR true; --"])
async def test_of_nobody_nothing_is_changed(users: Users, name: str) -> None:
    await users.add(a_user())
    assert not await users.change_password(name, "another")
    assert not await users.change_role(name, Role.AUDITOR)
    assert not await users.remove(name)
    assert await users.all() == [a_user()]


async def test_the_last_admin_stays_one_whoever_else_there_is(users: Users) -> None:
    await users.add(a_user())
    await users.add(an_admin("ada"))
    with pytest.raises(LastAdmin, match="ada is the last admin"):
        await users.remove("ada")
    with pytest.raises(LastAdmin, match="ada is the last admin"):
        await users.change_role("ada", Role.RISK_MANAGER)
    assert await users.change_role("ada", Role.ADMIN)
    assert await users.find("ada") == an_admin("ada")


async def test_an_admin_may_go_where_another_stays(users: Users) -> None:
    for name in ("ada", "ines", "zoe"):
        await users.add(an_admin(name))
    assert await users.remove("ines")
    assert await users.change_role("zoe", Role.AUDITOR)
    with pytest.raises(LastAdmin):
        await users.remove("ada")


async def test_of_all_admins_removed_or_demoted_at_once_one_stays(users: Users) -> None:
    names = [f"admin {number}" for number in range(8)]
    for name in names:
        await users.add(an_admin(name))
    told = await asyncio.gather(
        *(users.remove(name) for name in names[:4]),
        *(users.change_role(name, Role.SERVICE) for name in names[4:]),
        return_exceptions=True,
    )
    assert told.count(True) == 7
    assert [type(each) for each in told if each is not True] == [LastAdmin]
    assert [user.role for user in await users.all()].count(Role.ADMIN) == 1


async def test_of_several_of_one_name_added_at_once_one_is(users: Users) -> None:
    added = await asyncio.gather(*(users.add(a_user(password_hash=str(number))) for number in range(8)))
    assert added.count(True) == 1
    assert await users.find("marta") == a_user(password_hash=str(added.index(True)))


async def test_the_first_user_is_added_where_there_is_none(users: Users) -> None:
    assert await users.add_if_none(a_user())
    assert await users.find("marta") == a_user()


async def test_where_there_is_a_user_nobody_is_added_and_nothing_changes(users: Users) -> None:
    await users.add(a_user())
    assert not await users.add_if_none(a_user(name="intruder"))
    assert not await users.add_if_none(a_user(password_hash="another"))
    assert await users.find("intruder") is None
    assert await users.find("marta") == a_user()


async def test_of_several_first_users_at_once_one_is_added(users: Users) -> None:
    added = await asyncio.gather(*(users.add_if_none(a_user(name=f"user {number}")) for number in range(8)))
    assert added.count(True) == 1
