"""Whole files: scored without and with recording, and as batches; speed and memory."""

import json
import os
import statistics
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import psutil

from bench.applications import forms
from bench.memory import MB
from bench.report import print_figure, print_line
from bench.servers import service
from harness.running_service import SCORING, Service

MANY, FEWER, RECORDED = 1_000_000, 100_000, 200_000
DIFFERENT = 100_000
"""Different applications; longer files repeat them."""


@dataclass(frozen=True, slots=True)
class Run:
    """Rows per second, and the peak memory in megabytes of the deciding process."""

    rows_a_second: float
    megabytes: float


def files(rounds: int) -> None:
    """Measure whole files in turn, `rounds` times, and print the medians."""
    with (
        tempfile.TemporaryDirectory(prefix="scoring-bench-") as name,
        service(Path(name) / "data") as running,
        _another_worker(running) as other,
    ):
        workers = [next(each for each in running.family() if "worker" in each.cmdline()), psutil.Process(other)]
        loans = pl.DataFrame(forms(DIFFERENT))
        paths = {rows: _written(loans, rows, Path(name)) for rows in (FEWER, RECORDED, MANY)}
        trial, recorded = "scoring score --no-record, CSV to Parquet", f"recorded, {RECORDED:,} rows"
        measures: dict[str, tuple[Callable[[], Run], str]] = {
            f"{trial}, {MANY:,} rows": (
                lambda: _scored(running, paths[MANY], MANY, "--no-record"),
                "at least 100,000; under 1,536 MB",
            ),
            f"  the same, {FEWER:,} rows": (
                lambda: _scored(running, paths[FEWER], FEWER, "--no-record"),
                "as much memory",
            ),
            f"scoring score, {recorded}": (lambda: _scored(running, paths[RECORDED], RECORDED), ""),
            f"a batch through a worker, {recorded}": (
                lambda: _batches(running, workers, paths[RECORDED], 1),
                "at least 10,000",
            ),
            "  two through two workers": (
                lambda: _batches(running, workers, paths[RECORDED], 2),
                "at least 10,000",
            ),
        }
        runs: dict[str, list[Run]] = {what: [] for what in measures}
        for turn in range(rounds):
            print_line(f"round {turn + 1} of {rounds} ...")
            for what, (measure, _) in measures.items():
                runs[what].append(measure())
        for what, (_, goal) in measures.items():
            rate = statistics.median(run.rows_a_second for run in runs[what])
            memory = max(run.megabytes for run in runs[what])
            print_figure(what, f"{rate:,.0f} per second, {memory:.0f} MB", goal)


def _written(loans: pl.DataFrame, rows: int, folder: Path) -> Path:
    path = folder / f"{rows}.csv"
    pl.concat([loans] * (rows // len(loans))).write_csv(path)
    return path


def _scored(running: Service, path: Path, rows: int, *options: str) -> Run:
    """Run `scoring score` as a process, its start included."""
    began = time.perf_counter()
    out = path.with_suffix(".parquet")
    scoring = subprocess.Popen(  # noqa: S603 - a fixed command
        [*SCORING, "score", str(path), "--out", str(out), *options],
        env=running.environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(scoring.pid, 0)
    scoring.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if scoring.returncode or len(pl.scan_parquet(out).select("row").collect()) != rows:
        raise RuntimeError(f"{path} was not scored")
    return Run(rows / seconds, used.ru_maxrss / 1024)


@contextmanager
def _another_worker(running: Service) -> Iterator[int]:
    """A second worker process; yields its process ID."""
    worker = subprocess.Popen([*SCORING, "worker"], env=running.environment)  # noqa: S603 - a fixed command
    try:
        yield worker.pid
    finally:
        worker.terminate()
        worker.wait()


def _batches(running: Service, workers: Sequence[psutil.Process], path: Path, count: int) -> Run:
    """From the upload of the first batch to the end of the last."""
    began = time.perf_counter()
    content, most = path.read_bytes(), 0.0
    batches = [_asked(running, f"?name={path.name}", content) for _ in range(count)]
    while any(batch["finished_at"] is None for batch in batches):
        time.sleep(0.2)
        most = max(most, *(worker.memory_info().rss / MB for worker in workers))
        batches = [_asked(running, f"/{batch['batch_id']}") for batch in batches]
    for batch in batches:
        if batch["state"] != "done" or batch["progress"]["rows_read"] != RECORDED:
            raise RuntimeError(f"the batch was not decided: {batch}")
    return Run(count * RECORDED / (time.perf_counter() - began), most)


def _asked(running: Service, path: str, content: bytes | None = None) -> dict[str, Any]:
    name, _, value = running.authorization.partition(": ")
    request = urllib.request.Request(
        f"http://127.0.0.1:{running.api_port}/api/v1/batches{path}",
        content,
        {name: value, "Content-Type": "text/csv"},
    )
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        decoded: dict[str, Any] = json.loads(answer.read())
    return decoded
