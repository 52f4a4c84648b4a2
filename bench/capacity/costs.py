"""Costs of decisions under load: processor time by process, log, network, group commits, and response times."""

import http.client
import math
import re
import statistics
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import psutil

from bench.applications import prediction_requests
from bench.capacity.queueing import Costs, fit_line
from bench.recorded import on_database
from bench.report import print_line
from bench.servers import load, service
from harness.polling import eventually
from harness.running_service import Service

CONNECTIONS = (1, 4, 16, 64)
WORKERS = (1, 2)
_ATTEMPTS = 5
_SAMPLE = re.compile(
    r"^scoring_ledger_commit_(decisions|duration_seconds)_(sum|count)(?:\{[^}]*\})? (\S+)$", re.MULTILINE
)
_RECEIVED = "SELECT avg(octet_length(document)) AS document FROM decisions"


@dataclass(frozen=True)
class Run:
    """One measurement. Times in microseconds of processor time per decision, durations in milliseconds."""

    workers: int
    connections: int
    per_second: float
    p50_ms: float
    p99_ms: float
    errors: float
    commit_decisions: float
    commit_ms: float
    api_us: float
    postgres_us: float
    redis_us: float
    generator_us: float
    log_bytes: float


@dataclass(frozen=True)
class Bytes:
    """Bytes per decision over the network."""

    request: float
    response: float
    to_postgres: float


def measure(rounds: int, seconds: float) -> tuple[list[Run], Bytes]:
    """The median of `rounds` interleaved runs for each number of API processes and connections."""
    runs: dict[tuple[int, int], list[Run]] = {}
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as name:
        for turn in range(rounds + 1):  # the first warms up
            for workers in WORKERS:
                print_line(f"round {turn} of {rounds}, {workers} API processes ...")
                with _metered_service(Path(name) / str(workers), workers) as running:
                    _warm_up(running)
                    for connections in CONNECTIONS:
                        run = _run(running, workers, connections, seconds, seed=1000 * turn + connections)
                        runs.setdefault((workers, connections), []).append(run)
                    size = _bytes(running)
    return [_median(each[1:] or each) for each in runs.values()], size


@contextmanager
def _metered_service(data_dir: Path, workers: int) -> Iterator[Service]:
    """A service whose API processes all publish metrics: their ports follow each other, and one may be taken."""
    for _ in range(_ATTEMPTS):
        with service(data_dir, SCORING_API_WORKERS=str(workers)) as running:
            try:
                eventually(lambda running=running: all(_metrics(running, worker) for worker in range(workers)))
            except AssertionError:
                continue
            yield running
            return
    raise RuntimeError("no ports for the metrics of all API processes were free")


def _metrics(running: Service, worker: int) -> str:
    """The metrics of an API process; empty where something else answers at their port."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{running.api_metrics_port + worker}/metrics") as answer:
            text: str = answer.read().decode()
    except OSError:
        return ""
    return text if "scoring_ledger_commit_decisions_count" in text else ""


def _warm_up(running: Service) -> None:
    load(running.api_port, prediction_requests(5_000, running.authorization, seed=9), 16, 1.5)


def _run(running: Service, workers: int, connections: int, seconds: float, seed: int) -> Run:
    requests = prediction_requests(20_000, running.authorization, seed=seed)
    before, log = _state(running, workers), _log_position(running)
    began = time.perf_counter()
    measured = load(running.api_port, requests, connections, seconds)
    after, elapsed = _state(running, workers), time.perf_counter() - began
    log_bytes = _log_position(running) - log
    used = {name: after[name] - before[name] for name in after}
    decisions = used["decisions"]
    if not decisions or elapsed < seconds:
        raise RuntimeError("no decision was recorded")
    return Run(
        workers,
        connections,
        measured["per_second"],
        measured["p50_ms"],
        measured["p99_ms"],
        measured["errors"],
        decisions / used["commits"],
        1e3 * used["commit_seconds"] / used["commits"],
        *(1e6 * used[name] / decisions for name in ("api", "postgres", "redis")),
        measured["generator_us"],
        log_bytes / decisions,
    )


def _state(running: Service, workers: int) -> Mapping[str, float]:
    """Processor time so far of each kind of process, and counts of the ledgers of all API processes."""
    api = psutil.Process(running.api_process())
    kinds = {"api": {api.pid, *(child.pid for child in api.children(recursive=True))}}
    times = {"api": 0.0, "postgres": 0.0, "redis": 0.0}
    for process in running.family():
        with suppress(psutil.NoSuchProcess):
            name = "api" if process.pid in kinds["api"] else _ENGINES.get(process.name(), "")
            if name:
                times[name] += sum(process.cpu_times()[:2])
    counts = dict.fromkeys(("decisions_sum", "decisions_count", "duration_seconds_sum"), 0.0)
    for worker in range(workers):
        for what, kind, value in _SAMPLE.findall(_metrics(running, worker)):
            counts[f"{what}_{kind}"] = counts.get(f"{what}_{kind}", 0.0) + float(value)
    return {
        **times,
        "decisions": counts["decisions_sum"],
        "commits": counts["decisions_count"],
        "commit_seconds": counts["duration_seconds_sum"],
    }


_ENGINES = {"postgres": "postgres", "valkey-server": "redis"}


def _log_position(running: Service) -> int:
    async def read(connection: Any) -> int:
        return int(await connection.fetchval("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn"))

    return on_database(running.database_url, read)


def _bytes(running: Service) -> Bytes:
    """Sizes of a hundred requests, of their responses with heads, and of what PostgreSQL receives."""
    requests = prediction_requests(100, running.authorization, seed=77)
    received = list(_responses(running, requests))

    async def documents(connection: Any) -> float:
        return float(await connection.fetchval(_RECEIVED))

    document = on_database(running.database_url, documents)
    return Bytes(statistics.mean(map(len, requests)), statistics.mean(received), document + _SEARCHED_BYTES)


_SEARCHED_BYTES = 2 * 32 + 420
"""Two digests and the searched columns as JSON, which are sent next to the document."""


def _responses(running: Service, requests: Sequence[str]) -> Iterator[int]:
    connection = http.client.HTTPConnection("127.0.0.1", running.api_port, timeout=10)
    for request in requests:
        head, _, body = request.partition("\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.splitlines()[1:])
        connection.request("POST", "/api/v1/predictions", body, headers)
        response = connection.getresponse()
        yield len(response.read()) + len(str(response.headers)) + len("HTTP/1.1 200 OK\r\n")
    connection.close()


def _median(runs: Sequence[Run]) -> Run:
    first = runs[0]
    medians = {
        each.name: statistics.median(getattr(run, each.name) for run in runs)
        for each in fields(Run)
        if each.name not in {"workers", "connections"}
    }
    return replace(first, **medians)


def fitted(runs: Sequence[Run]) -> Costs:
    """The model's parameters, from the runs with one API process."""
    single = [run for run in runs if run.workers == 1]
    api = fit_line([(run.commit_decisions, run.api_us / 1e6) for run in single])
    postgres = fit_line([(run.commit_decisions, run.postgres_us / 1e6) for run in single])
    generator = statistics.mean(run.generator_us for run in single if run.connections > 1) / 1e6
    alone = next(run for run in single if run.connections == 1)
    computing = (alone.api_us + alone.postgres_us + alone.generator_us) / 1e6
    median = max(20e-6, alone.p50_ms / 1e3 - computing)
    slow = max(median, alone.p99_ms / 1e3 - computing)
    return Costs(
        *api, *postgres, generator, median, math.log(slow / median) / statistics.NormalDist().inv_cdf(0.99)
    )
