"""The tables of docs/scale.md, printed and, with `write`, put in their places there."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from bench.capacity.costs import Bytes, Run, fitted, measure
from bench.capacity.queueing import Costs, Simulation
from bench.capacity.sizing import RATES, machines_table, size_for
from bench.growth import GROWTH_SIZES, Growth, growth, growth_table, stored_table
from bench.report import print_line
from entrypoints.configuration.setting_readers import PROJECT

PAGE = PROJECT / "docs" / "scale.md"
RESULTS = PROJECT / "build" / "capacity.json"
_SIMULATED_SECONDS = 4.0


def capacity(rounds: int, seconds: float, *, write: bool) -> None:
    """Measure costs, check the model against them, and print what sizes follow; needs figures of `--growth`."""
    stored = _results().get("growth")
    if not stored:
        print_line("No sizes are known yet: first run scripts/bench --growth.")
        raise SystemExit(1)
    growths = {int(count): Growth(**each) for count, each in stored.items()}
    runs, size = measure(rounds, seconds)
    _keep(capacity={"runs": [asdict(run) for run in runs], "bytes": asdict(size)})
    how = f"{rounds} interleaved rounds of {seconds:g} s; medians"
    _publish(_sections(how, runs, size, bytes_per_decision(growths[max(growths)])), write=write)


def _sections(how: str, runs: Sequence[Run], size: Bytes, stored_bytes: float) -> dict[str, list[str]]:
    costs = fitted(runs)
    log_bytes = min(run.log_bytes for run in runs if run.connections > 1)  # without whole pages after a checkpoint
    sizes = [size_for(rate, costs, size, log_bytes=log_bytes, stored_bytes=stored_bytes) for rate in RATES]
    return {
        "costs": [*_note(how), *_costs_table(runs, size)],
        "model": [*_note("parameters from the runs with one API process"), *_model_table(runs, costs)],
        "parameters": _parameters_table(costs),
        "machines": machines_table(sizes),
    }


def grow(sizes: Sequence[int] = GROWTH_SIZES, *, write: bool) -> None:
    """Measure reads as decisions accumulate, and the bytes of each."""
    measured = growth(sizes)
    _keep(growth={str(count): asdict(each) for count, each in measured.items()})
    _publish(
        {"growth": [*_note("medians"), *growth_table(measured)], "stored": stored_table(measured)}, write=write
    )


def bytes_per_decision(measured: Growth) -> float:
    """Bytes on disk per decision with its audit entry and all indexes."""
    found = measured.sizes
    rows = found["rows"] + found["toast"] + found["indexes"]
    return rows / found["decisions"] + (found["entry_rows"] + found["entry_indexes"]) / found["entries"]


def _costs_table(runs: Sequence[Run], size: Bytes) -> list[str]:
    lines = [
        "| API processes, connections | per second | decisions per commit | commit | processor time per decision: "
        "API | PostgreSQL | Redis | log (WAL) |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines += [
        f"| {run.workers}, {run.connections} | {run.per_second:,.0f} | {run.commit_decisions:.1f} "
        f"| {run.commit_ms:.1f} ms | {run.api_us:.0f} µs | {run.postgres_us:.0f} µs | {run.redis_us:.0f} µs "
        f"| {run.log_bytes / 1e3:.1f} kB |"
        for run in runs
    ]
    network = (
        f"Network per decision: request {size.request:,.0f} bytes, response {size.response:,.0f} bytes, to "
        f"PostgreSQL {size.to_postgres:,.0f} bytes."
    )
    return [*lines, "", network]


def _model_table(runs: Sequence[Run], costs: Costs) -> list[str]:
    lines = [
        "| API processes, connections | per second: measured | predicted | p50: measured | predicted "
        "| p99: measured | predicted | per commit: measured | predicted |",
        "| --- |" + " --- |" * 8,
    ]
    for run in runs:
        simulation = Simulation(costs, processes=run.workers, cores=os.cpu_count() or 1)
        predicted = simulation.closed(run.connections, _SIMULATED_SECONDS)
        lines.append(
            f"| {run.workers}, {run.connections} | {run.per_second:,.0f} | {predicted.per_second:,.0f} "
            f"| {run.p50_ms:.1f} ms | {1e3 * predicted.p50:.1f} ms | {run.p99_ms:.1f} ms "
            f"| {1e3 * predicted.p99:.1f} ms | {run.commit_decisions:.1f} | {predicted.commit_decisions:.1f} |"
        )
    return lines


def _parameters_table(costs: Costs) -> list[str]:
    return [
        "| | per batch | per decision |",
        "| --- | --- | --- |",
        f"| API: processor time | {1e6 * costs.api_batch:.0f} µs | {1e6 * costs.api_decision:.0f} µs |",
        f"| PostgreSQL: processor time | {1e6 * costs.postgres_batch:.0f} µs "
        f"| {1e6 * costs.postgres_decision:.0f} µs |",
        f"| waiting for disk and system, median | {1e6 * costs.delay_median:.0f} µs "
        f"(log-normal, σ {costs.delay_sigma:.2f}) | |",
        f"| load generator: processor time | | {1e6 * costs.generator:.0f} µs |",
    ]


def _note(how: str) -> list[str]:
    return [f"{datetime.now(UTC):%d %B %Y}, {os.cpu_count()} cores, {how}:", ""]


def _results() -> dict[str, dict[str, dict[str, object]]]:
    known: dict[str, dict[str, dict[str, object]]] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    return known


def _keep(**results: object) -> None:
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({**_results(), **results}, indent=1) + "\n")


def _publish(sections: Mapping[str, Sequence[str]], *, write: bool) -> None:
    """Print the sections; with `write`, replace them in the page."""
    for name, lines in sections.items():
        print_line(f"\n[{name}]\n" + "\n".join(lines))
    if write:
        PAGE.write_text(replaced(PAGE.read_text(), sections))


def replaced(page: str, sections: Mapping[str, Sequence[str]]) -> str:
    """The page with new lines between `<!-- figures: NAME -->` and `<!-- end of NAME -->`."""
    for name, lines in sections.items():
        begin, end = f"<!-- figures: {name} -->", f"<!-- end of {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        if not pattern.search(page):
            raise ValueError(f"docs/scale.md has no place for {name}")
        page = pattern.sub("\n".join([begin, *lines, end]).replace("\\", r"\\"), page)
    return page
