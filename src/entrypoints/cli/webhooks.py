"""`scoring webhooks`: those that never arrived, and the secrets they are signed with."""

import asyncio
from uuid import UUID

import click

from application.operational_error import OperationalError
from application.ports.batches.webhooks import DeliveryNotFound
from entrypoints.cli.main import settings_or_exit
from entrypoints.composition.dead_letters import list_dead_letters, retry_dead_letter, webhook_secret
from entrypoints.composition.engines import database_in_use, engines_in_use_or_own
from entrypoints.composition.people import is_user
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings
from entrypoints.counting import counted


@click.group("webhooks")
def command() -> None:
    """Work with webhooks."""


@command.command("dead-letters")
def dead_letters() -> None:
    """List the webhooks that were given up, the newest first."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        found = asyncio.run(list_dead_letters(settings, operating_system_user()))
    for each in found:
        attempts = counted(each.attempts, "attempt", "attempts")
        click.echo(f"{each.delivery_id}  {each.event}  {each.url}  {attempts}; {each.last_fault}")
    click.echo(f"{counted(len(found), 'dead letter', 'dead letters')}.")


@command.command("retry")
@click.argument("delivery_id", type=click.UUID)
def retry(delivery_id: UUID) -> None:
    """Try a dead letter again, from the first attempt."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        try:
            asyncio.run(retry_dead_letter(settings, delivery_id, operating_system_user()))
        except DeliveryNotFound as fault:
            raise click.ClickException(str(fault)) from fault
    click.echo("It will be tried again at once.")


@command.command("secret")
@click.argument("user")
def secret(user: str) -> None:
    """Print the secret that the webhooks of USER are signed with.

    No database is needed for it. Where one is at hand that knows no such user, standard error says so: the secret
    is that of the name, and counts for somebody removed or still to come.
    """
    settings = settings_or_exit()
    click.echo(webhook_secret(settings, user))
    if doubt := _doubt_about(settings, user):
        click.echo(f"Warning: {doubt}", err=True)


def _doubt_about(settings: Settings, user: str) -> str | None:
    known_at = database_in_use(settings)
    if known_at is None:
        return None
    try:
        known = asyncio.run(is_user(known_at, user))
    except OperationalError as fault:
        return f"whether there is a user {user} was not found out. {fault}"
    return None if known else f"there is no user {user}; names are listed by scoring users list."
