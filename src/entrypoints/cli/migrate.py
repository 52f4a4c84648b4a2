"""`scoring migrate`: the database schema and the first user."""

import asyncio
import time

import click

from application.operational_error import OperationalError
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.composition.processes.aggregates import aggregate
from entrypoints.composition.processes.engines import engines_in_use_or_own, running_database
from entrypoints.composition.processes.preparation import FIRST_USER, check_schema, prepare_database
from entrypoints.configuration.settings import Settings

_RETRY_SECONDS = 2.0


@click.command("migrate")
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if the schema is not current.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="SECONDS",
    help="With --check: wait at most this long until the database is available and the schema is current.",
)
def command(check: bool, wait: float) -> None:
    """Migrate the database to the current schema, and create the first user where there is none.

    Then add recorded decisions to the aggregates of the overview, as the service does in the background.
    With --check, a schema of a later release counts as current. Any login of the service may check.
    """
    if check:
        settings = running_database(settings_or_exit(warn=False))
        if settings is None:
            raise click.ClickException(
                "SCORING_DATABASE_URL is not set, and no embedded database runs in the data folder. "
                "Set it, or start `scoring up`, which migrates its own database."
            )
        _check(settings, wait)
        return
    if wait:
        raise click.UsageError("--wait needs --check")
    with engines_in_use_or_own(settings_or_exit(), cache=False) as settings:
        created, password = asyncio.run(prepare_database(settings))
        click.echo("The database schema is current.")
        with ProgressBar("Adding decisions to the overview") as bar:
            aggregate(settings, bar.show, again=False)
    if created:
        shown = f" Password: {password} (must be changed at the first login)" if password else ""
        click.echo(f"Created the first user, {FIRST_USER}.{shown}")


def _check(settings: Settings, wait: float) -> None:
    """Return when the schema is current; raises the last error after `wait` seconds."""
    deadline, reported = time.monotonic() + wait, ""
    while True:
        try:
            asyncio.run(check_schema(settings))
        except OperationalError as fault:
            if time.monotonic() + _RETRY_SECONDS > deadline:
                raise
            if str(fault) != reported:
                reported = str(fault)
                click.echo(f"Waiting: {reported}", err=True)
            time.sleep(_RETRY_SECONDS)
        else:
            click.echo("The database schema is current.")
            return
