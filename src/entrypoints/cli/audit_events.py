"""`scoring audit events`: who did what, from the audit trail."""

import json
from datetime import UTC, datetime
from uuid import UUID

import click

from application.catalog import CommandUseCases
from application.ports.audit.event_history import EventFilter, EventInHistory
from application.use_cases.decisions.read_decisions import MAX_PAGE_SIZE
from domain.access.user import Actor, Role
from domain.audit.event import EventKind
from entrypoints.cli.main import run_use_case
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"])


@click.command("events")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in EventKind]),  # of an enumeration, click takes the members' names
    help="Only events of this kind. Repeatable.",
)
@click.option("--actor", help="Only what this user, or os:NAME, did.")
@click.option("--subject", help="Only events about this user, batch, month or the like.")
@click.option("--since", type=_TIME, help="Only events since this time (UTC).")
@click.option("--until", type=_TIME, help="Only events before this time (UTC).")
@click.option(
    "--limit", type=click.IntRange(1, 1_000_000), default=100, show_default=True, help="How many at most."
)
@click.option(
    "--before", type=click.UUID, help="Continue a list: only events older than this one, by its identifier."
)
@click.option("--json", "as_json", is_flag=True, help="Print one line of JSON for each event.")
def command(  # noqa: PLR0917 - the options
    kinds: tuple[str, ...],
    actor: str | None,
    subject: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    before: UUID | None,
    as_json: bool,
) -> None:
    """List who did what, newest first: time, actor, action, subject and details. Decisions are not listed."""
    wanted = EventFilter(kinds, actor, subject, _in_utc(since), _in_utc(until))

    async def read(use_cases: CommandUseCases) -> tuple[int, UUID | None]:
        by, count, cursor = Actor(operating_system_user(), Role.AUDITOR), 0, before
        while count < limit:
            size = min(MAX_PAGE_SIZE, limit - count)
            page = await use_cases.list_events(wanted, by=by, limit=size, before=cursor)
            for event in page.events:
                click.echo(_as_json(event) if as_json else _as_text(event))
            count += len(page.events)
            cursor = page.before
            if cursor is None:
                break
        return count, cursor

    count, further = run_use_case(read)
    if not as_json:
        click.echo(f"{counted(count, 'event', 'events')}.")
    if further is not None:
        click.echo(f"There are more: continue with --before {further}", err=True)


def _in_utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.replace(tzinfo=UTC)


def _as_text(event: EventInHistory) -> str:
    """One line; unprintable characters are escaped, so that no value can begin a line."""
    at = event.at.isoformat(sep=" ", timespec="seconds")
    given = {name: value for name, value in event.details.items() if value not in {None, ""}}
    details = event.fault or ", ".join(f"{name} {value}" for name, value in given.items())
    line = f"{at}  {event.actor or 'unknown'}  {event.kind}  {event.subject or '-'}  ({details})"
    return "".join(each if each.isprintable() else ascii(each)[1:-1] for each in line)


def _as_json(event: EventInHistory) -> str:
    content = {
        "event_id": str(event.event_id),
        "at": event.at.isoformat(),
        "actor": event.actor,
        "kind": event.kind,
        "subject": event.subject,
        "details": dict(event.details),
    }
    return json.dumps(content | ({"fault": event.fault} if event.fault else {}))
