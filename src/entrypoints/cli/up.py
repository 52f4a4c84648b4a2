"""`scoring up`: run the whole service until Ctrl-C or SIGTERM."""

import signal
import threading
from types import FrameType

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.processes.processes import ChildProcess, ports_in_use, service_processes


class Stopping:
    """Set by Ctrl-C, SIGTERM and SIGHUP."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._set)

    def _set(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python's signature
        self._event.set()

    def within(self, seconds: float) -> bool:
        """Wait up to this many seconds, and return whether the service should stop."""
        return self._event.wait(seconds)


@click.command("up")
@click.option(
    "--without",
    type=click.Choice(["ui", "worker"]),
    multiple=True,
    help="Do not run the web interface or the worker, to start faster in less memory. May be given twice.",
)
def command(without: tuple[str, ...]) -> None:
    """Run the API, the web interface and a worker.

    Embedded PostgreSQL and Valkey are started unless addresses are set.
    """
    stopping = Stopping()
    settings = settings_or_exit(serves=True)
    api, *others = (process for process in service_processes(settings) if process.name not in without)
    faults = ports_in_use(settings, [api, *others])
    if faults:
        raise click.ClickException("Nothing was started:\n" + "".join(f"  - {fault}\n" for fault in faults))
    early = ChildProcess(api)
    from entrypoints.cli.processes.supervisor import run  # noqa: PLC0415 - slow to import; the API imports meanwhile

    run(settings, early, others, stopping.within)
