"""`scoring users`: manage users."""

import click

from application.catalog import CommandUseCases
from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.access.manage_users import NameTaken, UserNotFound
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import ASSIGNABLE_ROLES, Actor, LastAdmin, Role
from domain.access.user_name import InvalidUsername
from entrypoints.cli.main import run_use_case
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_ERRORS = (InvalidUsername, NameTaken, UserNotFound, LastAdmin, InvalidCredentials, PasswordNotAllowed)


class _RoleByName(click.Choice[Role]):
    """A role, with spaces or with hyphens: loan-officer needs no quotes."""

    def normalize_choice(self, choice: object, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's signature
        return (choice.value if isinstance(choice, Role) else str(choice)).replace(" ", "-")


_must_change = click.option(
    "--must-change", is_flag=True, help="Require the user to choose another password at the first login."
)
_role = click.option("--role", type=_RoleByName(ASSIGNABLE_ROLES), required=True, help="The user's role.")


@click.group("users")
def command() -> None:
    """Manage users.

    When a user is removed or gets another role or password, all of the user's access tokens and sessions in the
    web interface end within 5 seconds on every replica.
    """


@command.command("list")
def list_users() -> None:
    """List users and their roles."""
    users = run_use_case(lambda use_cases: use_cases.list_users())
    for user in users:
        click.echo(f"{user.name}  {user.role.value}")
    click.echo(f"{counted(len(users), 'user', 'users')}.")


@command.command("add")
@click.argument("name")
@_role
@_must_change
def add(name: str, role: Role, must_change: bool) -> None:
    """Add the user NAME, with a generated password that is shown once.

    A name has 1 to 100 visible characters, with spaces between them but no /; it is case-sensitive.
    """

    async def run(use_cases: CommandUseCases) -> tuple[Actor, str]:
        password, by = use_cases.generate_password(), operating_system_user()
        return await use_cases.add_user(name, role, password, by=by, must_change=must_change), password

    added, password = run_use_case(run, errors=_ERRORS)
    click.echo(f"Added {added.name}, {added.role.value}. {_shown_once(password)}")


@command.command("password")
@click.argument("name")
@_must_change
def password(name: str, must_change: bool) -> None:
    """Reset the password of NAME to a generated one that is shown once.

    The old password is invalid immediately. The user's access tokens and sessions end within 5 seconds.
    """

    async def run(use_cases: CommandUseCases) -> str:
        password = use_cases.generate_password()
        await use_cases.change_password(name, password, by=operating_system_user(), must_change=must_change)
        return password

    click.echo(f"Changed {name}. {_shown_once(run_use_case(run, errors=_ERRORS))}")


@command.command("change-password")
@click.argument("name")
def change_password(name: str) -> None:
    """Change the password of NAME to one of your choice; prompts for the current and the new password.

    A password has 12 to 256 characters, is not a common one, and does not contain the username. The user's access
    tokens and sessions end within 5 seconds.
    """
    current = click.prompt("Current password", hide_input=True)
    new = click.prompt("New password", hide_input=True, confirmation_prompt="Repeat the new password")
    run_use_case(
        lambda use_cases: use_cases.change_own_password(name, current, new, address="command line"), errors=_ERRORS
    )
    click.echo(f"Changed the password of {name}.")


@command.command("end-sessions")
@click.argument("name")
def end_sessions(name: str) -> None:
    """End all access tokens and web sessions of NAME within 5 seconds; NAME can log in again."""
    run_use_case(lambda use_cases: use_cases.end_sessions(name, by=operating_system_user()), errors=_ERRORS)
    click.echo(f"Ended all access tokens and sessions of {name}.")


@command.command("role")
@click.argument("name")
@_role
def role(name: str, role: Role) -> None:
    """Change the role of NAME; the password stays.

    The user's access tokens and sessions end within 5 seconds, and the user must log in again. The last
    administrator keeps the role.
    """
    run_use_case(lambda use_cases: use_cases.change_role(name, role, by=operating_system_user()), errors=_ERRORS)
    click.echo(f"Changed {name}, {role.value}.")


@command.command("remove")
@click.argument("name")
def remove(name: str) -> None:
    """Remove the user NAME. The last administrator cannot be removed.

    The user's access tokens and sessions end within 5 seconds; uploaded batches are still decided. Recorded
    decisions keep the name, so do not give it to another user.
    """
    run_use_case(lambda use_cases: use_cases.remove_user(name, by=operating_system_user()), errors=_ERRORS)
    click.echo(f"Removed {name}.")


def _shown_once(password: str) -> str:
    return f"Password: {password}  (shown only this once)"
