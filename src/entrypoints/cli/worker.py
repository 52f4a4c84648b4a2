"""`scoring worker`: decides batches that were handed in, beside any number of other workers."""

import asyncio
import signal

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.processes.parent_pipe import hear_from_parent, parent_pipe_option
from entrypoints.composition.engines import engines_in_use_or_own
from entrypoints.composition.secrets import check_secret_key
from entrypoints.composition.service_addresses import as_worker
from entrypoints.composition.working import work
from entrypoints.configuration.settings import Settings


@click.command("worker")
@click.option(
    "--lease",
    type=click.FloatRange(min=1),
    default=15.0,
    show_default=True,
    help="Seconds without a sign of life after which other workers take this one for lost.",
)
@parent_pipe_option
def command(lease: float, parent_pipe: int | None) -> None:
    """Decide batches as they are handed in. SIGTERM or Ctrl-C stops it after the rows at hand.

    Run as many as there are processors to spare, on any machine that reaches the database: each batch is one
    worker's at a time, and goes on with another when its worker is lost.
    """
    if parent_pipe is not None:
        hear_from_parent(parent_pipe)
    wanted = settings_or_exit()
    check_secret_key(wanted)
    with engines_in_use_or_own(wanted, cache=False) as running:
        asyncio.run(_until_asked(as_worker(wanted, running), lease))


async def _until_asked(settings: Settings, lease: float) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await work(settings, stopping, lease_seconds=lease)
