"""`kill -9` of one or all processes of a running service under load, and the consequences."""

import contextlib
import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import psutil

from harness.callers import Answer, Callers
from harness.polling import eventually
from harness.records import recorded_decisions
from harness.running_service import Service

CALLERS = 16


def _kill(processes: Iterable[psutil.Process]) -> None:
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()


def kill_api(service: Service) -> None:
    """Kill the process that serves the API."""
    _kill([psutil.Process(service.api_process())])


def kill_database(service: Service) -> None:
    """Kill PostgreSQL: its postmaster first, then the processes it started."""
    _kill([process for process in service.family() if process.name() == "postgres"])


def kill_everything(service: Service) -> None:
    """Kill the supervisor first, so that it restarts nothing, then every other process."""
    family = service.family()
    _kill(family)
    psutil.wait_procs(family, timeout=5)


VICTIMS: dict[str, Callable[[Service], None]] = {
    "the API": kill_api,
    "PostgreSQL": kill_database,
    "everything": kill_everything,
}


@dataclass(frozen=True)
class KillResult:
    """Responses that clients received around a kill, compared with the records afterwards.

    With keys, `recorded` must equal `answered`; without, a decision may be recorded whose client got no answer.
    """

    answered: list[str]
    recorded: list[str]
    refused: list[Answer]
    cut: int
    seconds: float
    """From the kill to the next answer."""

    @property
    def missing(self) -> int:
        """Answered decisions that are not recorded."""
        return len(set(self.answered) - set(self.recorded))

    @property
    def duplicates(self) -> int:
        """Decisions that are recorded twice, or answered to two different requests."""
        return sum(len(these) - len(set(these)) for these in (self.answered, self.recorded))

    @property
    def unanswered(self) -> int:
        """Recorded decisions that no client received."""
        return len(set(self.recorded) - set(self.answered))


def measure_kill(
    service: Service, kill: Callable[[Service], None], *, keyed: bool, already: Collection[str] = ()
) -> KillResult:
    """Kill the service under load, wait until it answers again, and compare answers with records.

    `already` are the identifiers of earlier decisions.
    """
    with Callers(service, CALLERS, keyed=keyed) as callers:
        load = callers.result
        eventually(lambda: len(load.decided) > 500)
        kill(service)
        killed_at, before = time.monotonic(), len(load.decided)
        if service.process.poll() is not None:
            service.start()
        eventually(lambda: len(load.decided) > before + CALLERS)  # more than were in flight
        seconds = time.monotonic() - killed_at
        eventually(lambda: len(load.decided) > before + 200)
    earlier = set(already)
    recorded = [each for each in recorded_decisions(service.database_url) if each not in earlier]
    return KillResult(load.decided, recorded, load.refused, load.cut, seconds)
