"""Administrators manage users in the web interface, and everyone sees their own sessions."""

import asyncio
import re
from datetime import timedelta

import pytest
from nicegui import ui
from ui_lender import PASSWORD, UiLender
from ui_person import Person

from application.ports.access.login_attempts import TooManyAttempts
from application.use_cases.access.log_in import InvalidCredentials
from domain.access.account import PasswordChangeRequired
from domain.access.user import Role
from domain.audit.event import EventKind
from support.builders import an_event

GENERATED = re.compile(r"[a-z0-9]{5}(-[a-z0-9]{5}){3}", re.IGNORECASE)


def events(lender: UiLender, kind: EventKind):
    return [event for event in lender.decisions.events() if event.kind is kind]


def shown_password(person: Person) -> str:
    (password,) = (text for text in person.texts() if GENERATED.fullmatch(text))
    return password


async def confirm(person: Person, title: str) -> None:
    """Press a button, and confirm in the dialog."""
    await person.click(title)
    person.user.find(marker="confirm").click()
    await asyncio.sleep(0.3)


async def session_of(lender: UiLender, name: str) -> str:
    """The key of a session of the user in another browser."""
    account = await lender.use_cases.log_in(name, PASSWORD, address="192.0.2.7")
    return await lender.use_cases.web_sessions.begin(account, address="192.0.2.7")


async def test_an_added_user_logs_in_with_the_password_that_is_shown_once(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/users")
    person.enter(**{"new-name": " nina ", "new-role": "auditor"})
    person.user.find(marker="add-user-form").trigger("submit.prevent")
    await asyncio.sleep(0.3)
    await person.should_see("Added nina")
    password = shown_password(person)
    account = await lender.use_cases.log_in("nina", password, address="")
    assert account.must_change_password
    (event,) = events(lender, EventKind.USER_ADDED)
    assert (event.actor, event.details["user"]) == ("admin", "nina")
    await person.open("/users")
    await person.should_see("nina")
    assert password not in person.texts()


async def test_a_double_click_asks_and_changes_once(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/user?name=rui")
    button = person.user.find(kind=ui.button, content="Reset password")
    button.click()
    button.click()
    await asyncio.sleep(0.2)
    (dialog,) = person.user.find(kind=ui.dialog).elements
    dialog.submit(False)
    await asyncio.sleep(0.2)
    await confirm(person, "Reset password")  # asks again
    assert len(events(lender, EventKind.PASSWORD_RESET)) == 1


async def test_a_wrong_username_is_explained_at_its_field(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/users")
    for name, role, at, explained in (
        ("", "auditor", "new-name", "Required"),
        ("olga", None, "new-role", "Select an option"),
        ("marta", "auditor", "new-name", "There is a user marta already."),
        ("os:root", "auditor", "new-name", "A username may not begin with"),
    ):
        person.enter(**{"new-name": name, "new-role": role})
        person.user.find(marker="add-user-form").trigger("submit.prevent")
        await asyncio.sleep(0.2)
        assert (person.error_at(at) or "").startswith(explained)
    assert events(lender, EventKind.USER_ADDED) == []


async def test_a_role_is_changed_after_a_confirmation_and_ends_the_sessions(person: Person, lender: UiLender):
    key = await session_of(lender, "marta")
    await person.log_in("admin")
    await person.open("/user?name=marta")
    person.enter(role="risk manager")
    await confirm(person, "Change role")
    await person.should_see("The role of marta is now risk manager.")
    assert lender.use_cases.web_sessions.account(key) is None
    (event,) = events(lender, EventKind.ROLE_CHANGED)
    assert (event.actor, event.details) == ("admin", {"user": "marta", "role": "risk manager"})


async def test_a_change_of_a_user_that_someone_else_changed_is_rejected(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/user?name=marta")
    await lender.users.change_role("marta", Role.AUDITOR, event=an_event())
    person.enter(role="risk manager")
    await confirm(person, "Change role")
    assert (await lender.users.find("marta")).role is Role.AUDITOR
    await confirm(person, "Remove user")
    assert await lender.users.find("marta") is not None


async def test_a_reset_password_is_shown_once(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/user?name=marta")
    await confirm(person, "Reset password")
    await person.should_see("Password reset")
    password = shown_password(person)
    with pytest.raises(InvalidCredentials):
        await lender.use_cases.log_in("marta", PASSWORD, address="")
    with pytest.raises(PasswordChangeRequired):
        (await lender.use_cases.log_in("marta", password, address="")).check_may_act()


async def test_a_locked_user_is_unlocked(person: Person, lender: UiLender):
    for _ in range(30):
        with pytest.raises((InvalidCredentials, TooManyAttempts)):
            await lender.use_cases.log_in("marta", "wrong", address="192.0.2.7")
    await person.log_in("admin")
    await person.open("/user?name=marta")
    await person.click("Unlock")
    await person.should_see("marta can log in again.")
    await lender.use_cases.log_in("marta", PASSWORD, address="192.0.2.7")
    (event,) = events(lender, EventKind.USER_UNLOCKED)
    assert (event.actor, event.subject) == ("admin", "marta")


async def test_a_removed_user_is_gone(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/user?name=marta")
    await confirm(person, "Remove user")
    assert await lender.users.find("marta") is None


async def test_administrators_cannot_change_themselves(person: Person, lender: UiLender):
    await person.log_in("admin")
    await person.open("/user?name=admin")
    await person.should_see("This is your own account")
    await person.should_not_see("Change role", "Reset password", "Remove user")


async def test_a_session_of_a_user_is_ended(person: Person, lender: UiLender):
    key = await session_of(lender, "marta")
    await person.log_in("admin")
    await person.open("/user?name=marta")
    await person.should_see("192.0.2.7")
    person.user.find(kind=ui.button, content="End").click()
    await asyncio.sleep(0.3)
    assert lender.use_cases.web_sessions.account(key) is None


async def test_an_absent_user_is_not_found(person: Person):
    await person.log_in("admin")
    answer = await person.browser.get("/user?name=nobody")
    assert answer.status_code == 404
    assert "User not found" in answer.text


async def test_users_see_and_end_their_own_sessions_only(person: Person, lender: UiLender):
    mine, other = await session_of(lender, "marta"), await session_of(lender, "rui")
    await person.log_in("marta")
    await person.open("/sessions")
    await person.should_see("This session", "192.0.2.7")
    buttons = person.user.find(kind=ui.button, content="End").elements
    assert len(buttons) == 1
    person.user.find(kind=ui.button, content="End").click()
    await asyncio.sleep(0.3)
    assert lender.use_cases.web_sessions.account(mine) is None
    assert lender.use_cases.web_sessions.account(other) is not None


async def test_the_last_login_is_shown_on_every_page(person: Person, lender: UiLender):
    await person.log_in("marta")
    assert "Your last login" not in (await person.browser.get("/decisions")).text
    lender.clock.offset = timedelta(hours=9)
    await person.log_in("marta")
    for path in ("/decisions", "/batches", "/sessions"):
        assert "Your last login" in (await person.browser.get(path)).text
