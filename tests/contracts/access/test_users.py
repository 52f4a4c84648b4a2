"""The contract of every user store."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.persistence.access.users import PostgresUsers
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.database.connections import database_engine
from application.ports.access.users import Users
from application.ports.audit.audit_trail import AuditTrail
from domain.access.account import Account
from domain.access.user import ASSIGNABLE_ROLES, LastAdmin, Role, User
from support.builders import A_MOMENT, a_user, an_event
from support.memory.decisions import MemoryDecisions
from support.memory.users import MemoryUsers

UsersAndTrail = tuple[Users, AuditTrail]


@pytest.fixture
async def postgres_users(migrated_url: str) -> AsyncIterator[UsersAndTrail]:
    engine = database_engine(migrated_url, max_connections=8)
    yield PostgresUsers(engine), PostgresAuditTrail(engine)
    await engine.dispose()


@pytest.fixture(params=["memory", "postgres"])
def users_and_trail(request: pytest.FixtureRequest) -> UsersAndTrail:
    if request.param == "postgres":
        found: UsersAndTrail = request.getfixturevalue("postgres_users")
        return found
    decisions = MemoryDecisions()
    return MemoryUsers(decisions), decisions


@pytest.fixture
def users(users_and_trail: UsersAndTrail) -> Users:
    return users_and_trail[0]


@pytest.fixture
def trail(users_and_trail: UsersAndTrail) -> AuditTrail:
    return users_and_trail[1]


def plain(found: User | None) -> User | None:
    """The user without the generation that the storage assigned."""
    return None if found is None else replace(found, generation=0)


async def everybody(users: Users) -> list[User | None]:
    return [plain(user) for user in await users.all()]


async def generation(users: Users, name: str = "marta") -> int:
    found = await users.find(name)
    assert found is not None
    return found.generation


def an_admin(name: str) -> User:
    return a_user(name=name, role=Role.ADMIN)


@pytest.mark.parametrize("name", ["marta", "", "\0", "\ud800", "'; --", "Łukasz 🏦"])
async def test_an_empty_store_finds_no_user(users: Users, name: str) -> None:
    assert await users.find(name) is None


@pytest.mark.parametrize("role", ASSIGNABLE_ROLES)
async def test_a_user_is_found_as_added(users: Users, role: Role) -> None:
    user = a_user(name="Łukasz 🏦", role=role)
    await users.add(user, event=an_event())
    assert plain(await users.find(user.name)) == user


async def test_usernames_are_case_sensitive(users: Users) -> None:
    await users.add(a_user(name="marta"), event=an_event())
    assert await users.find("Marta") is None


async def test_a_taken_username_is_not_replaced(users: Users) -> None:
    user = a_user()
    assert await users.add(user, event=an_event())
    assert not await users.add(user, event=an_event())
    assert not await users.add(a_user(role=Role.ADMIN, password_hash="another"), event=an_event())
    assert await everybody(users) == [a_user()]


async def test_every_user_is_listed(users: Users) -> None:
    assert await users.all() == []
    added = [a_user(name=role.value, role=role) for role in ASSIGNABLE_ROLES]
    for user in added:
        await users.add(user, event=an_event())
    assert sorted(map(str, await everybody(users))) == sorted(map(str, added))


async def test_a_new_password_changes_neither_the_role_nor_other_users(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    await users.add(a_user(name="olga"), event=an_event())
    assert await users.change_password("marta", "another", event=an_event())
    assert plain(await users.find("marta")) == a_user(password_hash="another")
    assert plain(await users.find("olga")) == a_user(name="olga")


async def test_a_new_role_changes_neither_the_password_nor_other_users(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    await users.add(a_user(name="olga"), event=an_event())
    assert await users.change_role("marta", Role.RISK_MANAGER, event=an_event())
    assert plain(await users.find("marta")) == a_user(role=Role.RISK_MANAGER)
    assert plain(await users.find("olga")) == a_user(name="olga")


async def test_the_name_of_a_removed_user_can_be_used_again(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    await users.add(a_user(name="olga"), event=an_event())
    assert await users.remove("marta", event=an_event())
    assert await everybody(users) == [a_user(name="olga")]
    assert not await users.remove("marta", event=an_event())
    assert await users.add(a_user(), event=an_event())


@pytest.mark.parametrize("name", ["Marta", "", "\0", "\ud800", "' OR true; --"])
async def test_changing_an_unknown_user_changes_nothing(users: Users, name: str) -> None:
    await users.add(a_user(), event=an_event())
    assert not await users.change_password(name, "another", event=an_event())
    assert not await users.change_role(name, Role.AUDITOR, event=an_event())
    assert not await users.remove(name, event=an_event())
    assert await everybody(users) == [a_user()]


async def test_the_last_admin_cannot_be_removed_or_demoted(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    await users.add(an_admin("ada"), event=an_event())
    with pytest.raises(LastAdmin, match="ada is the last admin"):
        await users.remove("ada", event=an_event())
    with pytest.raises(LastAdmin, match="ada is the last admin"):
        await users.change_role("ada", Role.RISK_MANAGER, event=an_event())
    assert await users.change_role("ada", Role.ADMIN, event=an_event())
    assert plain(await users.find("ada")) == an_admin("ada")


async def test_an_admin_can_be_removed_if_another_remains(users: Users) -> None:
    for name in ("ada", "ines", "zoe"):
        await users.add(an_admin(name), event=an_event())
    assert await users.remove("ines", event=an_event())
    assert await users.change_role("zoe", Role.AUDITOR, event=an_event())
    with pytest.raises(LastAdmin):
        await users.remove("ada", event=an_event())


async def test_one_admin_remains_after_concurrent_removals_and_demotions(users: Users) -> None:
    names = [f"admin {number}" for number in range(8)]
    for name in names:
        await users.add(an_admin(name), event=an_event())
    results = await asyncio.gather(
        *(users.remove(name, event=an_event()) for name in names[:4]),
        *(users.change_role(name, Role.SERVICE, event=an_event()) for name in names[4:]),
        return_exceptions=True,
    )
    assert results.count(True) == 7
    assert [type(each) for each in results if each is not True] == [LastAdmin]
    assert [user.role for user in await users.all()].count(Role.ADMIN) == 1


async def test_one_of_several_concurrent_users_with_the_same_name_is_added(users: Users) -> None:
    added = await asyncio.gather(
        *(users.add(a_user(password_hash=str(number)), event=an_event()) for number in range(8))
    )
    assert added.count(True) == 1
    assert plain(await users.find("marta")) == a_user(password_hash=str(added.index(True)))


async def test_the_first_user_is_added_if_there_is_none(users: Users) -> None:
    assert await users.add_if_none(a_user(), event=an_event())
    assert plain(await users.find("marta")) == a_user()


async def test_no_first_user_is_added_if_there_is_a_user(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    assert not await users.add_if_none(a_user(name="intruder"), event=an_event())
    assert not await users.add_if_none(a_user(password_hash="another"), event=an_event())
    assert await users.find("intruder") is None
    assert plain(await users.find("marta")) == a_user()


async def test_one_of_several_concurrent_first_users_is_added(users: Users) -> None:
    added = await asyncio.gather(
        *(users.add_if_none(a_user(name=f"user {number}"), event=an_event()) for number in range(8))
    )
    assert added.count(True) == 1


async def test_every_user_has_an_account(users: Users) -> None:
    assert await users.accounts() == []
    await users.add(a_user(), event=an_event())
    await users.add(a_user(name="olga", must_change_password=True), event=an_event())
    found = await users.accounts()
    assert {account.actor.name: account for account in found} == {
        user.name: Account.of(user) for user in await users.all()
    }
    assert [account.must_change_password for account in found if account.actor.name == "olga"] == [True]


async def test_every_change_assigns_a_new_unique_generation(users: Users) -> None:
    await users.add(an_admin("ada"), event=an_event())
    seen = {await generation(users, "ada")}
    await users.add(a_user(), event=an_event())
    for change in (
        lambda: users.change_password("marta", "another", event=an_event()),
        lambda: users.change_role("marta", Role.AUDITOR, event=an_event()),
        lambda: users.renew_generation("marta", event=an_event()),
        lambda: users.remove("marta", event=an_event()),
    ):
        now = await generation(users)
        assert now > max(seen)
        seen.add(now)
        assert await change()
    assert await users.add(a_user(), event=an_event())
    assert await generation(users) > max(seen)
    assert await generation(users, "ada") == min(seen)


async def test_a_new_generation_changes_nothing_else(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    assert await users.renew_generation("marta", event=an_event())
    assert plain(await users.find("marta")) == a_user()
    assert not await users.renew_generation("nobody", event=an_event())


async def test_a_password_must_be_changed_until_it_has_been_changed(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    assert await users.change_password("marta", "printed", must_change=True, event=an_event())
    assert plain(await users.find("marta")) == a_user(password_hash="printed", must_change_password=True)
    assert await users.change_password("marta", "chosen", event=an_event())
    assert plain(await users.find("marta")) == a_user(password_hash="chosen")


async def test_a_password_is_changed_only_for_the_current_generation(users: Users) -> None:
    await users.add(a_user(), event=an_event())
    before = await generation(users)
    assert await users.change_password("marta", "reset", generation=before, event=an_event())
    assert not await users.change_password("marta", "too late", generation=before, event=an_event())
    assert plain(await users.find("marta")) == a_user(password_hash="reset")
    assert not await users.change_password("nobody", "x", generation=before, event=an_event())


async def test_a_first_user_can_be_required_to_change_the_password(users: Users) -> None:
    assert await users.add_if_none(a_user(must_change_password=True), event=an_event())
    assert plain(await users.find("marta")) == a_user(must_change_password=True)


async def on_trail(trail: AuditTrail) -> list[bytes | None]:
    """The documents of the events, oldest first."""
    return [document async for _, document in trail.entries()]


async def test_every_change_adds_its_event_to_the_trail(users: Users, trail: AuditTrail) -> None:
    events = [an_event() for _ in range(6)]
    assert await users.add_if_none(an_admin("ada"), event=events[0])
    assert await users.add(a_user(), event=events[1])
    assert await users.change_password("marta", "another", event=events[2])
    assert await users.change_role("marta", Role.AUDITOR, event=events[3])
    assert await users.renew_generation("marta", event=events[4])
    assert await users.remove("marta", event=events[5])
    assert await on_trail(trail) == [event.document() for event in events]


async def test_a_call_that_changes_nothing_adds_no_event(users: Users, trail: AuditTrail) -> None:
    first = an_event()
    assert await users.add_if_none(an_admin("ada"), event=first)
    assert not await users.add_if_none(a_user(), event=an_event())
    assert not await users.add(an_admin("ada"), event=an_event())
    assert not await users.change_password("marta", "another", event=an_event())
    assert not await users.change_password("ada", "another", generation=-1, event=an_event())
    assert not await users.change_role("marta", Role.AUDITOR, event=an_event())
    assert not await users.renew_generation("marta", event=an_event())
    assert not await users.remove("marta", event=an_event())
    for change in (
        lambda: users.remove("ada", event=an_event()),
        lambda: users.change_role("ada", Role.AUDITOR, event=an_event()),
    ):
        with pytest.raises(LastAdmin):
            await change()
    assert await on_trail(trail) == [first.document()]


async def test_a_login_is_stored_and_the_one_before_is_returned(users: Users, trail: AuditTrail) -> None:
    await users.add(a_user(name="marta"), event=an_event())
    before = await generation(users)
    assert await users.record_login("marta", A_MOMENT, event=an_event()) is None
    later = A_MOMENT + timedelta(hours=3)
    assert await users.record_login("marta", later, event=an_event()) == A_MOMENT
    found = await users.find("marta")
    assert found is not None
    assert (found.last_login_at, found.generation) == (later, before)


async def test_no_login_of_an_absent_user_is_recorded(users: Users, trail: AuditTrail) -> None:
    event = an_event()
    assert await users.record_login("marta", A_MOMENT, event=event) is None
    assert event.event_id not in [entry.subject async for entry, _ in trail.entries()]


async def test_a_user_that_was_changed_meanwhile_is_not_changed(users: Users) -> None:
    await users.add(an_admin("ana"), event=an_event())
    await users.add(a_user(name="marta"), event=an_event())
    read = await generation(users)
    assert await users.change_role("marta", Role.AUDITOR, event=an_event(), generation=read)
    assert not await users.change_role("marta", Role.ADMIN, event=an_event(), generation=read)
    assert not await users.remove("marta", event=an_event(), generation=read)
    found = await users.find("marta")
    assert found is not None
    assert found.role is Role.AUDITOR
    assert await users.remove("marta", event=an_event(), generation=found.generation)
