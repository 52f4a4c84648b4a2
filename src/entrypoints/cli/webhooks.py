"""`scoring webhooks`: those that never arrived, and the secrets they are signed with."""

import asyncio
import getpass
from uuid import UUID

import click

from application.ports.webhooks import NoSuchDelivery
from entrypoints.cli.main import settings_or_exit
from entrypoints.container.dead_letters import list_dead_letters, retry_dead_letter, webhook_secret
from entrypoints.container.engines import engines_in_use_or_own
from entrypoints.counting import counted


@click.group("webhooks")
def command() -> None:
    """Work with webhooks."""


@command.command("dead-letters")
def dead_letters() -> None:
    """List the webhooks that were given up, the newest first."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        found = asyncio.run(list_dead_letters(settings, getpass.getuser()))
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
            asyncio.run(retry_dead_letter(settings, delivery_id, getpass.getuser()))
        except NoSuchDelivery as fault:
            raise click.ClickException(str(fault)) from fault
    click.echo("It will be tried again at once.")


@command.command("secret")
@click.argument("user")
def secret(user: str) -> None:
    """Print the secret that the webhooks of USER are signed with."""
    click.echo(webhook_secret(settings_or_exit(), user))
