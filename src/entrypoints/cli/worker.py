"""`scoring worker`: decide uploaded batches, together with any number of other workers."""

import asyncio
import signal

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.processes.parent_pipe import parent_pipe_option, wait_for_parent
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.processes.service_addresses import as_worker
from entrypoints.composition.processes.worker import work
from entrypoints.composition.secrets import check_secret_key
from entrypoints.configuration.settings import Settings


@click.command("worker")
@click.option(
    "--lease",
    type=click.FloatRange(min=1),
    default=15.0,
    show_default=True,
    help="Seconds without a heartbeat after which other workers take over this worker's batch.",
)
@parent_pipe_option
def command(lease: float, parent_pipe: int | None) -> None:
    """Decide batches as they are uploaded. SIGTERM or Ctrl-C stops the worker after the rows in progress.

    Run as many workers as there are spare processors, on any machine that reaches the database. One worker at a
    time decides a batch; another continues it where that worker is lost.
    """
    if parent_pipe is not None:
        wait_for_parent(parent_pipe)
    given = settings_or_exit(warn=parent_pipe is None)
    check_secret_key(given)
    with engines_in_use_or_own(given, cache=False) as running:
        asyncio.run(_work_until_stopped(as_worker(given, running), lease))


async def _work_until_stopped(settings: Settings, lease: float) -> None:
    stopping, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    await work(settings, stopping, lease_seconds=lease)
