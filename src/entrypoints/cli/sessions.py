"""`scoring sessions`: sessions of the web interface."""

import click

from application.use_cases.access.web_sessions import SessionNotFound
from entrypoints.cli.main import run_use_case
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted


class _SessionId(click.ParamType[bytes]):
    """The identifier of a session, in hexadecimal."""

    name = "id"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> bytes:
        try:
            return bytes.fromhex(str(value))
        except ValueError:
            self.fail("must be hexadecimal, as shown by `scoring sessions list`", param, ctx)


@click.group("sessions")
def command() -> None:
    """List and end sessions of the web interface.

    `scoring users end-sessions NAME` ends all sessions and access tokens of a user.
    """


@command.command("list")
def list_sessions() -> None:
    """List sessions: identifier, username, address, start, and last use (to the minute)."""
    sessions = run_use_case(lambda use_cases: use_cases.list_web_sessions())
    for session in sessions:
        started, used = (f"{at.astimezone():%Y-%m-%d %H:%M}" for at in (session.started_at, session.last_seen_at))
        click.echo(
            f"{session.id.hex()}  {session.name}  from {session.address or '?'}  since {started}  last used {used}"
        )
    click.echo(f"{counted(len(sessions), 'session', 'sessions')}.")


@command.command("end")
@click.argument("session_id", metavar="ID", type=_SessionId())
def end_session(session_id: bytes) -> None:
    """End one session within 5 seconds; its user can log in again."""
    run_use_case(
        lambda use_cases: use_cases.end_web_session(session_id, by=operating_system_user()),
        errors=(SessionNotFound,),
    )
    click.echo(f"Ended {session_id.hex()}.")
