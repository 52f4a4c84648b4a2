"""SIGKILL to each process of the service in turn, under load: answers, records, and alerts with shipped durations.

Run by scripts/drill --kill. Prometheus scrapes and evaluates every 15 seconds, as shipped. With --scaled,
durations are divided by 60, and Prometheus scrapes every second.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.callers import Callers
from harness.polling import eventually
from harness.records import recorded_decisions
from operations.alerts.compose_processes import Alerts, Processes, kill_engine, running_processes, watched
from operations.alerts.scaled_rules import FACTOR, scaled_rules
from operations.alerts.test_rules import RULE_FILES
from replicas.behind_haproxy import AUTHORITY

CALLERS = 4
PAUSE = 0.1
_SLACK = 60.0
"""Seconds beyond an alert's duration: a scrape, an evaluation, a check of dependencies, and a busy machine."""


@dataclass(frozen=True)
class Victim:
    """A process to kill, how to start it again, and the alerts that must fire: (name, labels, seconds)."""

    name: str
    kill: Callable[[], None]
    restart: Callable[[], object]
    alerts: tuple[tuple[str, dict[str, str], float], ...]


def victims(processes: Processes) -> Iterator[Victim]:
    """Every process of docker-compose.yml that serves decisions, pages or batches."""
    for number, replica in processes.replicas.items():
        yield Victim(
            f"API, replica {number}",
            replica.kill,
            replica.start,
            (
                ("ReplicaNotReady", {"proxy": "replicas", "server": number}, 180),
                ("InstanceDown", {"job": "scoring-api", "instance": processes.metrics_of(number)}, 300),
            ),
        )
    for name, server, job in (
        ("web interface", processes.web, "scoring-ui"),
        ("worker", processes.worker, "scoring-worker"),
        ("proxy", processes.balancer, "scoring-proxy"),
    ):
        yield Victim(name, server.kill, server.start, (("ServiceDown", {"job": job}, 60),))
    database, cache = processes.database, processes.cache
    yield Victim("PostgreSQL", lambda: kill_engine(database), database.start, (("DatabaseDown", {}, 60),))
    yield Victim("Valkey", lambda: kill_engine(cache), cache.start, (("CacheDown", {}, 300),))


@dataclass(frozen=True)
class Outcome:
    """What one kill led to; times in seconds."""

    name: str
    alert: str
    fired_after: float
    resolved_after: float
    answered_meanwhile: int
    refused: int
    cut: int


def kill_and_watch(victim: Victim, alerts: Alerts, callers: Callers, factor: float) -> Iterator[Outcome]:
    """Kill it, wait for its alerts, start it again, wait until they resolve."""
    result = callers.result
    for name, labels, _ in victim.alerts:
        assert not alerts.firing(name, **labels), f"{name} fires before the kill"
    before = len(result.decided), len(result.refused), result.cut
    victim.kill()
    killed = time.monotonic()
    fired = {}
    for name, labels, seconds in victim.alerts:
        within = killed + seconds / factor + _SLACK - time.monotonic()
        eventually(lambda name=name, labels=labels: alerts.firing(name, **labels), within=within)
        fired[name] = time.monotonic() - killed
    victim.restart()
    restarted = time.monotonic()
    answered, refused, cut = (
        len(result.decided) - before[0],
        len(result.refused) - before[1],
        result.cut - before[2],
    )
    for name, labels, _ in victim.alerts:
        eventually(lambda name=name, labels=labels: not alerts.firing(name, **labels), within=_SLACK + 60)
        yield Outcome(victim.name, name, fired[name], time.monotonic() - restarted, answered, refused, cut)
    before_end = len(result.decided)
    eventually(lambda: len(result.decided) > before_end + 50, within=30)


def report(text: str) -> None:
    """Print a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main(*, scaled: bool) -> None:
    """Run the drill and print a table."""
    factor = FACTOR if scaled else 1.0
    with (
        tempfile.TemporaryDirectory(prefix="drill-") as name,
        running_processes(Path(name)) as processes,
        watched(
            processes,
            scaled_rules(Path(name)) if scaled else RULE_FILES,
            interval="1s" if scaled else "15s",
        ) as alerts,
    ):
        with Callers(processes, CALLERS, keyed=True, pause=PAUSE, tls=AUTHORITY.trust) as callers:
            eventually(lambda: len(callers.result.decided) > 100)
            report("| killed | alert | fired after | resolved after | answered meanwhile | refused | cut |")
            report("| --- | --- | --- | --- | --- | --- | --- |")
            for victim in victims(processes):
                for each in kill_and_watch(victim, alerts, callers, factor):
                    times = f"{each.fired_after:.0f} s | {each.resolved_after:.0f} s"
                    counts = f"{each.answered_meanwhile:,} | {each.refused:,} | {each.cut}"
                    report(f"| {each.name} | {each.alert} | {times} | {counts} |")
        recorded, answered = recorded_decisions(processes.database_url), callers.result.decided
        lost = len(set(answered) - set(recorded))
        twice = len(recorded) - len(set(recorded)) + len(answered) - len(set(answered))
        unanswered = len(set(recorded) - set(answered))
        verified = processes.run("audit", "verify")
        report(f"\n{len(answered):,} decisions answered: {lost} not recorded, {twice} recorded or answered twice,")
        report(f"{unanswered} recorded without an answer. {verified.stdout.splitlines()[0]}")
        assert (lost, twice, unanswered, verified.returncode) == (0, 0, 0, 0), verified.stdout


if __name__ == "__main__":
    main(scaled="--scaled" in sys.argv[1:])
