"""Plain, keyed and traced requests side by side: decisions per second, and processor time per decision."""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.applications import prediction_requests
from bench.report import print_figure
from bench.servers import load, service, wait_for
from entrypoints.configuration.setting_readers import PROJECT
from harness.running_service import Service, free_ports

SAMPLE_RATE = 0.1
_GOALS = {"plain": "", "keyed": "at least 80 %", f"traced, {SAMPLE_RATE:.0%} sampled": "at least 85 %"}


@dataclass
class Variant:
    """A service, its kind of requests, and the measurements of each round."""

    name: str
    running: Service
    keyed: bool = False
    rates: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    errors: float = 0.0

    def measure(self, connections: int, seconds: float, seed: int) -> None:
        """Measure one round."""
        requests = prediction_requests(20_000, self.running.authorization, seed=seed, keyed=self.keyed)
        api = psutil.Process(self.running.api_process())
        before = sum(api.cpu_times()[:2])
        measured = load(self.running.api_port, requests, connections, seconds)
        used = sum(api.cpu_times()[:2]) - before
        self.rates.append(measured["per_second"])
        self.processor.append(1e6 * used / (measured["per_second"] * seconds))
        self.errors += measured["errors"]


def variants(data_dir: Path, rounds: int, seconds: float) -> None:
    """Measure all variants in turn; ratios are medians over the rounds, each against plain in the same round."""
    with (
        _collector() as endpoint,
        service(data_dir / "plain") as plain,
        service(
            data_dir / "traced", SCORING_OTLP_ENDPOINT=endpoint, SCORING_TRACE_SAMPLE_RATE=str(SAMPLE_RATE)
        ) as traced,
    ):
        for connections in (16, 64):
            names = list(_GOALS)
            measured = [
                Variant(names[0], plain),
                Variant(names[1], plain, keyed=True),
                Variant(names[2], traced),
            ]
            for turn in range(rounds + 1):
                for variant in measured if turn % 2 else reversed(measured):
                    variant.measure(connections, seconds, seed=1000 * connections + 10 * turn + len(variant.name))
            for variant in measured:
                _report(variant, measured[0], connections)


def _report(variant: Variant, plain: Variant, connections: int) -> None:
    """Report a variant without its first round, which warms up."""
    rate = statistics.median(own / base for own, base in zip(variant.rates[1:], plain.rates[1:], strict=True))
    time = statistics.median(
        base / own for own, base in zip(variant.processor[1:], plain.processor[1:], strict=True)
    )
    print_figure(
        f"{variant.name}, c={connections}: rate; by processor time",
        f"{100 * rate:.0f} %; {100 * time:.0f} %",
        _GOALS[variant.name],
    )
    print_figure(
        "  per second; processor time per decision; errors",
        f"{statistics.median(variant.rates[1:]):.0f}; {statistics.median(variant.processor[1:]):.0f} µs; "
        f"{variant.errors:.0f}",
    )


@contextmanager
def _collector() -> Iterator[str]:
    """A process that accepts traces and discards them; yields its address."""
    (port,) = free_ports(1)
    command = [sys.executable, "-m", "bench.collector", str(port)]
    process = subprocess.Popen(command, cwd=PROJECT, text=True, env=os.environ)  # noqa: S603 - a fixed command
    try:
        wait_for(port, "/", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()
