"""`scoring users`: who can log in, and as what."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import click

from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.access.manage_users import NameTaken, UserNotFound
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import LastAdmin, Role
from domain.access.user_name import InvalidUsername
from entrypoints.cli.main import settings_or_exit
from entrypoints.composition import people
from entrypoints.composition.engines import engines_in_use_or_own
from entrypoints.configuration.settings import Settings
from entrypoints.counting import counted


class _RoleByName(click.Choice[Role]):
    """A role, with blanks or with hyphens: loan-officer needs no quotes."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's signature
        """The role's name as it is typed most easily."""
        return (choice.value if isinstance(choice, Role) else str(choice)).replace(" ", "-")


_must_change = click.option(
    "--must-change", is_flag=True, help="The password is good only for choosing another at the first log-in."
)
_role = click.option("--role", type=_RoleByName(Role), required=True, help="What they are to the lender.")


@contextmanager
def _refused_in_one_line() -> Iterator[Settings]:
    """The settings with the database's address; what cannot be done ends the program with one line."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        try:
            yield settings
        except (
            InvalidUsername,
            NameTaken,
            UserNotFound,
            LastAdmin,
            InvalidCredentials,
            PasswordNotAllowed,
        ) as fault:
            raise click.ClickException(str(fault)) from fault


@click.group("users")
def command() -> None:
    """Look after who can log in.

    When a user is removed or gets another role or password, all their access tokens and sessions in the web
    interface end within 5 seconds on every replica.
    """


@command.command("list")
def everybody() -> None:
    """List who can log in, and as what."""
    with _refused_in_one_line() as settings:
        found = asyncio.run(people.list_users(settings))
    for each in found:
        click.echo(f"{each.name}  {each.role.value}")
    click.echo(f"{counted(len(found), 'user', 'users')}.")


@command.command("add")
@click.argument("name")
@_role
@_must_change
def add(name: str, role: Role, must_change: bool) -> None:
    """Let NAME log in, with a password that is made up and shown once.

    A name has 1 to 100 visible characters, and blanks between them; small and capital letters differ.
    """
    with _refused_in_one_line() as settings:
        added, password = asyncio.run(people.add_user(settings, name, role, must_change=must_change))
    click.echo(f"Added {added.name}, {added.role.value}. {_once(password)}")


@command.command("password")
@click.argument("name")
@_must_change
def password(name: str, must_change: bool) -> None:
    """Give NAME a new password, which is made up and shown once.

    The old one lets nobody in any more. The user's access tokens and sessions end within 5 seconds.
    """
    with _refused_in_one_line() as settings:
        made = asyncio.run(people.change_password(settings, name, must_change=must_change))
    click.echo(f"Changed {name}. {_once(made)}")


@command.command("change-password")
@click.argument("name")
def change_password(name: str) -> None:
    """Change the password of NAME to one of your choice; asks for the current one and the new one.

    A password has 12 to 256 characters, is not among common ones and does not contain the user name. The user's
    access tokens and sessions end within 5 seconds.
    """
    current = click.prompt("Current password", hide_input=True)
    new = click.prompt("New password", hide_input=True, confirmation_prompt="New password again")
    with _refused_in_one_line() as settings:
        asyncio.run(people.change_own_password(settings, name, current, new))
    click.echo(f"Changed the password of {name}.")


@command.command("end-sessions")
@click.argument("name")
def end_sessions(name: str) -> None:
    """End all access tokens and web sessions of NAME within 5 seconds; NAME can log in again."""
    with _refused_in_one_line() as settings:
        asyncio.run(people.end_sessions(settings, name))
    click.echo(f"Ended all access tokens and sessions of {name}.")


@command.command("role")
@click.argument("name")
@_role
def role(name: str, role: Role) -> None:
    """Make NAME something else to the lender; the password stays.

    The user's access tokens and sessions end within 5 seconds: they log in again. The last admin stays admin.
    """
    with _refused_in_one_line() as settings:
        asyncio.run(people.change_role(settings, name, role))
    click.echo(f"Changed {name}, {role.value}.")


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Let NAME log in no longer. The last admin stays.

    The user's access tokens and sessions end within 5 seconds; batches handed in are still decided.
    Decisions on record keep the name: better give it to nobody else.
    """
    with _refused_in_one_line() as settings:
        asyncio.run(people.remove_user(settings, name))
    click.echo(f"Removed {name}.")


def _once(password: str) -> str:
    return f"Password: {password}  (shown only this once)"
