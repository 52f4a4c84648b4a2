"""`scoring sessions`: who is logged in at the web interface."""

import asyncio

import click

from application.use_cases.access.web_sessions import SessionNotFound
from entrypoints.cli.main import settings_or_exit
from entrypoints.composition import people
from entrypoints.composition.engines import engines_in_use_or_own
from entrypoints.counting import counted


class _SessionId(click.ParamType[bytes]):
    """The identifier of a session, in hexadecimal."""

    name = "id"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        """The identifier's bytes."""
        try:
            return bytes.fromhex(str(value))
        except ValueError:
            self.fail("an identifier is hexadecimal, as `scoring sessions list` shows it", param, ctx)


@click.group("sessions")
def command() -> None:
    """List and end sessions of the web interface.

    `scoring users end-sessions NAME` ends all sessions and access tokens of a user.
    """


@command.command("list")
def list_sessions() -> None:
    """List who is logged in: identifier, name, address, when it began and was last used (within a minute)."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        found = asyncio.run(people.list_web_sessions(settings))
    for each in found:
        began, seen = (f"{at.astimezone():%Y-%m-%d %H:%M}" for at in (each.started_at, each.last_seen_at))
        click.echo(f"{each.id.hex()}  {each.name}  from {each.address or '?'}  since {began}  last used {seen}")
    click.echo(f"{counted(len(found), 'session', 'sessions')}.")


@command.command("end")
@click.argument("session_id", metavar="ID", type=_SessionId())
def end_session(session_id: bytes) -> None:
    """End one session within 5 seconds; its user can log in again."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        try:
            asyncio.run(people.end_web_session(settings, session_id))
        except SessionNotFound as fault:
            raise click.ClickException(str(fault)) from fault
    click.echo(f"Ended {session_id.hex()}.")
