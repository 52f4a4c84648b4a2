"""`scoring migrate`: the database's form and the first user, without starting anything else."""

import asyncio

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.composition.engines import engines_in_use_or_own
from entrypoints.composition.preparation import FIRST_USER, prepare_database


@click.command("migrate")
def command() -> None:
    """Bring the database to the newest form, and create the first user where there is none."""
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        created, generated = asyncio.run(prepare_database(settings))
    click.echo("The database has the newest form.")
    if created:
        told = f" Password: {generated} (must be changed at the first log-in)" if generated else ""
        click.echo(f"Created the first user, {FIRST_USER}.{told}")
