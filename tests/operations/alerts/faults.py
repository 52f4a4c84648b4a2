"""A fault: what causes it in the running service, and the alerts that must fire and then resolve."""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from threading import Event

import asyncpg

from harness.polling import eventually
from operations.alerts.drill_setup import Setup

_POLL = 0.5
_NOTIFIED = 60.0
"""Seconds for a notification, which takes 2 s on an idle machine."""


@dataclass(frozen=True)
class Expected:
    """An alert with these labels."""

    name: str
    labels: tuple[tuple[str, str], ...] = ()

    def fires(self, setup: Setup) -> bool:
        return setup.alerts.firing(self.name, **dict(self.labels))

    def arrived(self, setup: Setup, since: int) -> bool:
        """Whether a receiver was notified of it after so many messages, or another alert holds it back."""
        labels = dict(self.labels)
        return setup.notifications.fired(self.name, since=since, **labels) or setup.manager.inhibits(
            self.name, **labels
        )


@dataclass(frozen=True)
class Fault:
    """`cause` is a context manager: it causes the fault on entering, and ends it on leaving.

    Times in seconds: alerts must fire `within` the one and resolve within the other after the end.
    """

    name: str
    cause: Callable[[Setup], AbstractContextManager[None]]
    alerts: tuple[Expected, ...]
    within: float = 60.0
    resolves: float = 60.0
    may_fire_before: bool = False
    """Because the fault is there from the start, or an alert over a long time still fires for an earlier fault."""


@dataclass
class Observed:
    """When an alert fired after the beginning of a fault, and resolved after its end; None: it did not."""

    fault: str
    alert: Expected
    fired_after: float | None = None
    resolved_after: float | None = None
    error: str = ""

    @property
    def complete(self) -> bool:
        """Whether it fired and resolved in time."""
        return self.fired_after is not None and self.resolved_after is not None and not self.error


def cause_and_watch(setup: Setup, fault: Fault) -> list[Observed]:
    """Cause the fault, wait until its alerts fire at their receivers, end it, and wait until they resolve.

    Alertmanager groups alerts for moments: one that resolved before then would never be notified.
    """
    observed = [Observed(fault.name, alert) for alert in fault.alerts]
    since = 0 if fault.may_fire_before else len(setup.notifications.received)
    try:
        for each in observed:
            assert fault.may_fire_before or not each.alert.fires(setup), (
                f"{each.alert.name} fires before {fault.name}"
            )
        with fault.cause(setup):
            _wait(setup, observed, "fired_after", firing=True, within=fault.within)
            for each in observed:
                if each.fired_after is not None:
                    eventually(lambda alert=each.alert: alert.arrived(setup, since), within=_NOTIFIED)
        _wait(setup, observed, "resolved_after", firing=False, within=fault.resolves)
    except Exception as error:  # reported in the table, so that other faults are still tried
        for each in observed:
            each.error = f"{type(error).__name__}: {error}"
    return observed


def _wait(setup: Setup, observed: Sequence[Observed], noted: str, *, firing: bool, within: float) -> None:
    started = time.monotonic()
    remaining = list(observed)
    while remaining and time.monotonic() < started + within:
        for each in list(remaining):
            if each.alert.fires(setup) == firing:
                setattr(each, noted, time.monotonic() - started)
                remaining.remove(each)
        time.sleep(_POLL)


def cause_together(setup: Setup, faults: Sequence[Fault]) -> list[Observed]:
    """Cause independent faults at the same time."""
    with ThreadPoolExecutor(max(len(faults), 1)) as threads:
        return [
            each for found in threads.map(lambda fault: cause_and_watch(setup, fault), faults) for each in found
        ]


@contextmanager
def repeatedly(action: Callable[[], object], *, threads: int = 1, pause: float = 0.0) -> Iterator[None]:
    """Run the action again and again in threads, until the end."""
    ended = Event()

    def run() -> None:
        while not ended.is_set():
            action()
            ended.wait(pause)

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(run) for _ in range(threads)]
        try:
            yield
        finally:
            ended.set()
            for each in running:
                each.result()


@contextmanager
def transaction_with(setup: Setup, *statements: str) -> Iterator[None]:
    """A session of the owner of the tables that runs these statements, and stays in its transaction."""
    with asyncio.Runner() as runner:

        async def begin() -> asyncpg.Connection:
            connection = await asyncpg.connect(setup.processes.database_url)
            await connection.execute("; ".join(("BEGIN", *statements)))
            return connection

        connection = runner.run(begin())
        try:
            yield
        finally:
            runner.run(connection.execute("ROLLBACK"))
            runner.run(connection.close())
