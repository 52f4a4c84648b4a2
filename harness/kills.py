"""`kill -9` of parts of a running service, or of all of it, under load; and what that cost."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import psutil

from harness.callers import Answer, Callers, Heard
from harness.patience import eventually
from harness.records import on_record
from harness.running_service import Service

CALLERS = 16


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def kill_api(service: Service) -> None:
    """The process that answers."""
    _kill([psutil.Process(service.api_process())])


def kill_database(service: Service) -> None:
    """PostgreSQL: its postmaster first, then all that it started."""
    _kill([process for process in service.family() if process.name() == "postgres"])


def kill_everything(service: Service) -> None:
    """The supervisor first, so that nothing is started anew; then engines, their keepers, faces and worker."""
    family = service.family()
    _kill(family)
    psutil.wait_procs(family, timeout=5)


VICTIMS: dict[str, Callable[[Service], None]] = {
    "the API": kill_api,
    "PostgreSQL": kill_database,
    "everything": kill_everything,
}


@dataclass(frozen=True)
class Toll:
    """What callers were told across a kill, against what is on record afterwards.

    With keys, `recorded` must be `answered`; without, there may be decisions whose caller never heard of them.
    """

    answered: list[str]
    recorded: list[str]
    refused: list[Answer]
    cut: int
    seconds: float
    """From the kill to the next answer."""

    @property
    def missing(self) -> int:
        """Decisions that somebody was given, and that are not on record."""
        return len(set(self.answered) - set(self.recorded))

    @property
    def duplicates(self) -> int:
        """Records that are there twice, and decisions that were given to two who asked for different ones."""
        return sum(len(these) - len(set(these)) for these in (self.answered, self.recorded))

    @property
    def unheard(self) -> int:
        """Decisions on record that nobody was given."""
        return len(set(self.recorded) - set(self.answered))


def toll_of(
    service: Service, kill: Callable[[Service], None], *, keyed: bool, already: Collection[str] = ()
) -> Toll:
    """Press the service, kill, have it back, press on for a while, and count.

    `already` are the identifiers of what was on record before.
    """
    with Callers(service, CALLERS, keyed=keyed) as callers:
        heard = callers.heard
        eventually(lambda: len(heard.decided) > 500)
        kill(service)
        began, before = time.monotonic(), len(heard.decided)
        if service.process.poll() is not None:
            service.start()
        eventually(lambda: len(heard.decided) > before + CALLERS)  # more than were on their way
        seconds = time.monotonic() - began
        eventually(lambda: len(heard.decided) > before + 200)
    return _toll(heard, on_record(service.database_url), already, seconds)


def _toll(heard: Heard, on_record_now: list[str], already: Collection[str], seconds: float) -> Toll:
    known = set(already)
    recorded = [identifier for identifier in on_record_now if identifier not in known]
    return Toll(heard.decided, recorded, heard.refused, heard.cut, seconds)
