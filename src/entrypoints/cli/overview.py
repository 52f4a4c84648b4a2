"""`scoring overview`: the aggregates of recorded decisions."""

import click

from entrypoints.cli.interruption import interruptible
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar


@click.group("overview")
def command() -> None:
    """Maintain the aggregates from which overviews are read."""


@command.command("rebuild")
def rebuild() -> None:
    """Remove all aggregates and add every recorded decision again. The service may run meanwhile.

    Overviews stay exact, and are slow until this is done. Needs the login that owns the tables.
    """
    from entrypoints.composition.processes.aggregates import aggregate  # noqa: PLC0415 - slow to import

    interrupted = "Interrupted: the service continues in the background."
    with interruptible(interrupted), ProgressBar("Adding decisions") as bar:
        entries = aggregate(settings_or_exit(), bar.show, again=True)
    click.echo(f"The aggregates of the overview are complete: {entries:,} audit entries.")
