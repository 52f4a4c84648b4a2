"""`scoring up`: everything, from nothing to a running service, until Ctrl-C or SIGTERM."""

import signal
import threading
from types import FrameType

import click

from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.processes.processes import OwnProcess, parts, ports_in_use


class Stopping:
    """Set by Ctrl-C and SIGTERM; waited on by everything that waits."""

    def __init__(self) -> None:
        self._event = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._ask)

    def _ask(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - Python's signature
        self._event.set()

    def within(self, seconds: float) -> bool:
        """Whether we are asked to stop within so many seconds."""
        return self._event.wait(seconds)


@click.command("up")
@click.option(
    "--without",
    type=click.Choice(["ui", "worker"]),
    multiple=True,
    help="Leave out the web interface or the worker, for a quicker start in less memory. May be given twice.",
)
def command(without: tuple[str, ...]) -> None:
    """Run API, web interface and a worker; start PostgreSQL and Valkey of our own unless addresses are set."""
    stopping = Stopping()
    settings = settings_or_exit()
    api, *others = (part for part in parts(settings) if part.name not in without)
    faults = ports_in_use(settings, [api, *others])
    if faults:
        raise click.ClickException("nothing was started:\n" + "".join(f"  - {fault}\n" for fault in faults))
    early = OwnProcess(api)
    from entrypoints.cli.processes.supervisor import run  # noqa: PLC0415 - slow to import; the API makes ready meanwhile

    run(settings, early, others, stopping.within)
