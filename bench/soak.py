"""A soak test at half of the peak load: memory and p99 must stay constant, and no request may fail."""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.applications import prediction_requests
from bench.memory import Sample, Watch, slope
from bench.paced import LoadPlan, encode_plan
from bench.report import print_line
from bench.servers import load, service
from entrypoints.configuration.setting_readers import PROJECT

CONNECTIONS = 64
WINDOW = 30.0
PROCESSES = {"API": "api", "PostgreSQL": "postgres", "Valkey": "valkey"}
PAGE = PROJECT / "build" / "soak.md"

Periods = dict[str, dict[str, float]]
"""Answers, p50_ms, p99_ms and errors of each window, by its number, and of the first and the last third."""


def soak(minutes: float) -> bool:
    """Load the service at half of its peak for `minutes` and report; returns whether every request succeeded.

    The report is also written to build/soak.md.
    """
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder, service(Path(folder) / "data") as running:
        for seed, seconds in ((2, 2.0), (3, 5.0)):  # the first warms up
            requests = prediction_requests(30_000, running.authorization, seed)
            peak = load(running.api_port, requests, CONNECTIONS, seconds)["per_second"]
        plan = LoadPlan(
            running.api_port, running.authorization, peak / 2, CONNECTIONS, 60 * minutes, WINDOW, seed=4
        )
        print_line(f"peak {peak:.0f} decisions per second; {peak / 2:.0f} per second for {minutes:g} minutes ...")
        with Watch(running) as watch:
            periods = _load(plan)
    parts = (part(periods, watch.samples) for part in (_table, _findings, _charts))
    page = "\n\n".join("\n".join(lines) for lines in parts)
    print_line(page)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page + "\n")
    return not periods["all"]["errors"]


def _load(plan: LoadPlan) -> Periods:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(encode_plan(plan))
        file.flush()
        command = [sys.executable, "-m", "bench.paced", file.name]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True)  # noqa: S603 - a fixed command
    periods: Periods = json.loads(done.stdout)
    return periods


def _windows(periods: Periods) -> list[dict[str, float]]:
    return [periods[name] for name in sorted((name for name in periods if name.isdecimal()), key=int)]


def _at_the_end_of(number: int, samples: list[Sample]) -> Sample:
    return min(samples, key=lambda sample: abs(sample.at - (number + 1) * WINDOW))


def _table(periods: Periods, samples: list[Sample]) -> list[str]:
    lines = [
        "| until minute | per second | p50 | p99 | errors | API | PostgreSQL | Valkey |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for number, window in enumerate(_windows(periods)):
        memory = _at_the_end_of(number, samples)
        lines.append(
            f"| {(number + 1) * WINDOW / 60:g} | {window['answers'] / WINDOW:.0f} | {window['p50_ms']:.1f} ms "
            f"| {window['p99_ms']:.1f} ms | {window['errors']:.0f} "
            f"| {memory.api:.1f} MB | {memory.postgres:.1f} MB | {memory.valkey:.1f} MB |"
        )
    return lines


def _findings(periods: Periods, samples: list[Sample]) -> list[str]:
    late = [sample for sample in samples if sample.at > samples[-1].at / 3]
    slopes = ", ".join(f"{name} {slope(late, process):+.2f} MB" for name, process in PROCESSES.items())
    return [
        f"- {periods['all']['answers']:.0f} answers, {periods['all']['errors']:.0f} errors.",
        f"- Memory per minute over the last two thirds: {slopes}.",
        f"- p99 of the first third {periods['first third']['p99_ms']:.1f} ms, "
        f"of the last {periods['last third']['p99_ms']:.1f} ms.",
    ]


def _charts(periods: Periods, samples: list[Sample]) -> list[str]:
    windows = _windows(periods)
    minutes = ", ".join(f'"{(number + 1) * WINDOW / 60:g}"' for number in range(len(windows)))
    ends = [_at_the_end_of(number, samples) for number in range(len(windows))]
    memory = [("line", [float(getattr(end, process)) for end in ends]) for process in PROCESSES.values()]
    slow = [("bar", [window["p99_ms"] for window in windows])]
    return [
        *_chart(f"Memory: {', '.join(PROCESSES)}", minutes, "MB", memory),
        "",
        *_chart("p99 of each half minute", minutes, "ms", slow),
    ]


def _chart(title: str, minutes: str, unit: str, series: list[tuple[str, list[float]]]) -> list[str]:
    highest = max(value for _, values in series for value in values)
    return [
        "```mermaid",
        "xychart-beta",
        f'    title "{title}"',
        f'    x-axis "minutes" [{minutes}]',
        f'    y-axis "{unit}" 0 --> {1.2 * highest:.0f}',
        *(f"    {kind} [{', '.join(f'{value:.1f}' for value in values)}]" for kind, values in series),
        "```",
    ]
