"""`scoring migrate`: the database schema and the first user."""

import asyncio

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.processes.preparation import FIRST_USER, prepare_database


@click.command("migrate")
def command() -> None:
    """Migrate the database to the current schema, and create the first user where there is none."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        created, password = asyncio.run(prepare_database(settings))
    click.echo("The database schema is current.")
    if created:
        shown = f" Password: {password} (must be changed at the first login)" if password else ""
        click.echo(f"Created the first user, {FIRST_USER}.{shown}")
