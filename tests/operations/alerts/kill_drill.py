"""SIGKILL to each process of docker-compose.yml in turn, under load: answers, records, and alerts.

Run by scripts/drill --kill. Prometheus scrapes and evaluates every 15 seconds, with durations as shipped. With
--scaled, durations are divided by 60, and Prometheus scrapes every second.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness.callers import Callers
from harness.polling import eventually
from harness.records import recorded_decisions
from operations.alerts.kill_setup import KillSetup, kill_setup
from operations.alerts.scaled_rules import FACTOR
from operations.alerts.victims import (
    Victim,
    at_the_end,
    of_the_monitoring,
    of_the_service,
    of_the_web_interface,
)
from replicas.behind_haproxy import AUTHORITY

CALLERS = 4
PAUSE = 0.1
_SLACK = 60.0
"""Seconds beyond an alert's duration: a scrape, an evaluation, a check of dependencies, and a busy machine."""


def kill_and_watch(victim: Victim, callers: Callers, factor: float) -> Iterator[str]:
    """Kill it, wait for its alerts, start it again, wait until they resolve; yield rows of the table."""
    result = callers.result
    for alert in victim.alerts:
        assert not alert.fires(), f"{alert.name} fires before {victim.name} is killed"
    before = len(result.decided), len(result.refused), result.cut
    victim.kill()
    killed = time.monotonic()
    fired = {}
    for alert in victim.alerts:
        within = killed + alert.within / factor + _SLACK - time.monotonic()
        eventually(alert.fires, within=within, every=0.5)
        fired[alert.name] = time.monotonic() - killed
    victim.restart()
    restarted = time.monotonic()
    decided, refused, cut = len(result.decided), len(result.refused), result.cut
    counts = f"{decided - before[0]:,} | {refused - before[1]:,} | {cut - before[2]}"
    for alert in victim.alerts:
        eventually(lambda alert=alert: not alert.fires(), within=_SLACK + 60, every=0.5)
        resolved = time.monotonic() - restarted
        yield f"| {victim.name} | {alert.name} | {fired[alert.name]:.0f} s | {resolved:.0f} s | {counts} |"
    eventually(lambda: len(result.decided) > decided + 50, within=30)


def report(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def kill_in_turn(setup: KillSetup, callers: Callers, factor: float) -> None:
    """One process after another in each of three groups, which do not need each other; Prometheus at the end."""

    def run(victims: Iterator[Victim]) -> None:
        for victim in victims:
            for row in kill_and_watch(victim, callers, factor):
                report(row)

    report("| killed | alert | fired after | resolved after | answered | refused | cut |")
    report("| --- | --- | --- | --- | --- | --- | --- |")
    with ThreadPoolExecutor() as threads:
        groups = (of_the_service, of_the_web_interface, of_the_monitoring)
        for group in [threads.submit(run, victims(setup)) for victims in groups]:
            group.result()
    run(at_the_end(setup))


def main(*, scaled: bool) -> None:
    """Run the drill and print a table."""
    with tempfile.TemporaryDirectory(prefix="drill-") as name, kill_setup(Path(name), scaled=scaled) as setup:
        processes = setup.processes
        with Callers(processes, CALLERS, keyed=True, pause=PAUSE, tls=AUTHORITY.trust) as callers:
            eventually(lambda: len(callers.result.decided) > 100)
            eventually(lambda: setup.traces.spans > 0)
            kill_in_turn(setup, callers, FACTOR if scaled else 1.0)
        recorded, answered = recorded_decisions(processes.database_url), callers.result.decided
        lost = len(set(answered) - set(recorded))
        twice = len(recorded) - len(set(recorded)) + len(answered) - len(set(answered))
        unanswered = len(set(recorded) - set(answered))
        verified = processes.run("audit", "verify", "--whole")
        report(f"\n{len(answered):,} decisions answered: {lost} not recorded, {twice} recorded or answered twice,")
        report(f"{unanswered} recorded without an answer. {verified.stdout.splitlines()[0]}")
        assert (lost, twice, unanswered, verified.returncode) == (0, 0, 0, 0), verified.stdout


if __name__ == "__main__":
    main(scaled="--scaled" in sys.argv[1:])
