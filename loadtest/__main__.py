"""Load a service with requests like real ones, check the answers, and keep limits: see docs/load.md."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path

import click

from loadtest.gates import Figures, Gate, InvalidGate, broken_gates, read_gates, results_of
from loadtest.plan import (
    CREDENTIALS,
    DEFAULT_MIX,
    STAFF_SCENARIOS,
    InvalidMix,
    Plan,
    Users,
    read_mix,
)
from loadtest.target import Target, TargetUnusable, check_ready, own_service

PROJECT = Path(__file__).resolve().parents[1]
_STOP_SECONDS = 10
_COLUMNS = "{:<26} {:>9} {:>8} {:>9} {:>9} {:>9}"


@click.command(context_settings={"max_content_width": 100})
@click.option("--host", help="Address of the API. Without it, a service of its own is started on this machine.")
@click.option("--web-host", default="", help="Address of the web interface, for the scenario web.")
@click.option("--mix", default=DEFAULT_MIX, show_default=True, help="Weights of the scenarios.")
@click.option("--users", type=click.IntRange(1, 500), default=10, show_default=True, help="Simulated users.")
@click.option(
    "--rate", type=click.FloatRange(0, 5000, min_open=True), help="Iterations per second of all users together."
)
@click.option(
    "--duration", type=click.IntRange(1, 3600), default=30, show_default=True, help="Seconds, at most one hour."
)
@click.option("--batch-rows", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed gives other applications.")
@click.option(
    "--credentials",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="File with a line NAME=value for each variable that is not in the environment.",
)
@click.option("--max-p95-ms", multiple=True, metavar="[SCENARIO=]MS", help="Gate on the 95th percentile.")
@click.option("--max-p99-ms", multiple=True, metavar="[SCENARIO=]MS", help="Gate on the 99th percentile.")
@click.option(
    "--max-error-share",
    multiple=True,
    default=["0"],
    show_default=True,
    metavar="[SCENARIO=]SHARE",
    help="Gate on the share of failed requests and wrong answers, 0 to 1.",
)
@click.option(
    "--report",
    type=click.Path(file_okay=False, path_type=Path),
    default=PROJECT / "build" / "load",
    help="Folder.",
)
def main(
    *,
    host: str | None,
    web_host: str,
    mix: str,
    users: int,
    rate: float | None,
    duration: int,
    batch_rows: int,
    seed: int,
    credentials: Path | None,
    max_p95_ms: Sequence[str],
    max_p99_ms: Sequence[str],
    max_error_share: Sequence[str],
    report: Path,
) -> None:
    """Load a service, check its answers, and fail where a limit (gate) is not kept.

    Scenarios: single decisions, keyed decisions with repeated requests, batch files, reads, and the web interface.
    A service at --host needs two users, in the environment or the file of --credentials: SCORING_LOAD_USER and
    SCORING_LOAD_PASSWORD (role service), SCORING_LOAD_STAFF_USER and SCORING_LOAD_STAFF_PASSWORD (role
    risk-manager, for reads and web). The decisions are recorded for good: do not load a service in production.

    Exits with 1 where a gate failed, and with 2 where the test could not run.
    """
    try:
        weights = read_mix(mix)
        gates = [
            *read_gates("p95", max_p95_ms, weights),
            *read_gates("p99", max_p99_ms, weights),
            *read_gates("error-share", max_error_share, weights),
        ]
    except (InvalidMix, InvalidGate) as fault:
        raise click.UsageError(str(fault)) from fault
    given = _given_target(host, web_host, weights, credentials) if host else None
    with nullcontext(given) if given else own_service() as target:
        try:
            check_ready(target)
        except TargetUnusable as fault:
            raise click.UsageError(str(fault)) from fault
        plan = Plan(weights, users, rate, target.web_host, batch_rows, seed)
        statistics = run(plan, target, duration, report)
    sys.exit(_report(statistics, gates, report, duration))


def _given_target(host: str, web_host: str, mix: Mapping[str, int], credentials: Path | None) -> Target:
    variables = {
        **_variables(credentials),
        **{name: os.environ[name] for name in CREDENTIALS if name in os.environ},
    }
    users = Users.of(variables)
    faults = []
    if users is None:
        faults.append(f"{CREDENTIALS[0]} and {CREDENTIALS[1]} are missing: a user with the role service")
    needing = [name for name in STAFF_SCENARIOS if name in mix]
    if needing and (users is None or users.staff is None):
        faults.append(
            f"{CREDENTIALS[2]} and {CREDENTIALS[3]} are missing: a user with the role risk-manager, "
            f"for {' and '.join(needing)}; leave them out with --mix otherwise"
        )
    if "web" in mix and not web_host:
        faults.append("--web-host is missing: the scenario web needs it; leave it out with --mix otherwise")
    if faults or users is None:
        raise click.UsageError("; ".join(faults))
    return Target(host.rstrip("/"), web_host.rstrip("/") if "web" in mix else "", users)


def _variables(credentials: Path | None) -> dict[str, str]:
    lines = credentials.read_text().splitlines() if credentials else []
    pairs = (line.partition("=") for line in lines if "=" in line and not line.startswith("#"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def run(plan: Plan, target: Target, duration: int, report: Path) -> list[dict[str, object]]:
    """Run locust in a process of its own, because it replaces parts of the standard library; its statistics."""
    report.mkdir(parents=True, exist_ok=True)
    statistics = report / "statistics.json"
    statistics.unlink(missing_ok=True)
    options = {
        "-f": PROJECT / "loadtest" / "locustfile.py",
        "--host": target.host,
        "--users": plan.users,
        "--spawn-rate": plan.users,
        "--run-time": f"{duration}s",
        "--stop-timeout": f"{_STOP_SECONDS}s",
        "--html": report / "report.html",
        "--json-file": statistics.with_suffix(""),
        "--csv": report / "locust",
        "--exit-code-on-error": 0,
        "--loglevel": "WARNING",
    }
    command = [sys.executable, "-m", "locust", "--headless", "--only-summary"]
    command += [str(part) for option in options.items() for part in option]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("LOCUST_")}
    done = subprocess.run(  # noqa: S603 - a fixed command
        command,
        cwd=PROJECT,
        env={**kept, **plan.environment(), **target.users.environment()},
        stdout=subprocess.PIPE,  # the summary, which is printed here in another form
        check=False,
        timeout=duration + _STOP_SECONDS + 120,
    )
    if not statistics.exists():
        raise click.UsageError(f"locust ended with status {done.returncode} and without a result")
    read: list[dict[str, object]] = json.loads(statistics.read_text())
    return read


def _report(statistics: Sequence[Mapping[str, object]], gates: Sequence[Gate], report: Path, duration: int) -> int:
    results = results_of(statistics)
    click.echo(_COLUMNS.format("", "requests", "/s", "failed", "p95 ms", "p99 ms"))
    for name, figures in sorted(results.items(), key=lambda item: (item[0] == "all", item[0])):
        click.echo(_row(name if ":" not in name else f"  {name.partition(': ')[2]}", figures, duration))
    for line in _failures(report / "locust_failures.csv"):
        click.echo(line)
    broken = broken_gates(gates, results)
    (report / "summary.json").write_text(
        json.dumps(
            {
                "gates_broken": broken,
                "results": {
                    name: {
                        "requests": figures.requests,
                        "failures": figures.failures,
                        "p50_ms": figures.percentile(0.5),
                        "p95_ms": figures.percentile(0.95),
                        "p99_ms": figures.percentile(0.99),
                    }
                    for name, figures in results.items()
                },
            },
            indent=2,
        )
        + "\n"
    )
    click.echo(f"\nReport: {report / 'report.html'}")
    for line in broken:
        click.echo(f"Gate failed: {line}")
    if not broken:
        click.echo(f"All {len(gates)} gates passed.")
    return 1 if broken else 0


def _failures(file: Path) -> Iterator[str]:
    """The most frequent failures and wrong answers."""
    if file.exists():
        with file.open(newline="") as lines:
            failures = sorted(csv.DictReader(lines), key=lambda each: -int(each["Occurrences"]))
        for each in failures[:10]:
            yield f"Failed: {each['Name']}: {each['Error']} ({each['Occurrences']} times)"


def _row(name: str, figures: Figures, duration: int) -> str:
    return _COLUMNS.format(
        name,
        figures.requests,
        f"{figures.requests / duration:.1f}",
        figures.failures,
        figures.percentile(0.95),
        figures.percentile(0.99),
    )


if __name__ == "__main__":
    main(prog_name="scripts/load")
