"""`scoring up`: everything, from nothing to a running service, until Ctrl-C or SIGTERM."""

import signal
import threading
from types import FrameType

import click

from entrypoints.cli.faces import OwnProcess, faces, ports_in_use
from entrypoints.cli.main import settings_or_exit


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
def command() -> None:
    """Run API, web interface and a worker; start PostgreSQL and Valkey of our own unless addresses are set."""
    stopping = Stopping()
    settings = settings_or_exit()
    faults = ports_in_use(settings)
    if faults:
        raise click.ClickException("nothing was started:\n" + "".join(f"  - {fault}\n" for fault in faults))
    api, interface = faces(settings)
    early = OwnProcess(api)
    from entrypoints.cli.whole_service import run  # noqa: PLC0415 - slow to import; the API makes ready meanwhile

    run(settings, early, interface, stopping.within)
