"""Repeated `kill -9` under load: is every answered decision recorded exactly once?"""

import tempfile
from itertools import cycle, islice
from pathlib import Path

from bench.report import print_line
from bench.servers import service
from harness.kills import CALLERS, VICTIMS, KillResult, measure_kill
from harness.records import recorded_decisions
from harness.running_service import Service

_COLUMNS = "{:>3}  {:<11} {:>9} {:>9} {:>8} {:>11} {:>10} {:>5} {:>8} {:>7}   {}"


def kills(runs: int) -> bool:
    """Report this many runs on the same data; return whether no decision was lost and every audit trail is valid.

    Clients send idempotency keys and retry until they receive a decision, so that each request ends with one
    answer and one record.
    """
    print_line(f"kill -9 under the load of {CALLERS} connections")
    heads = "killed answered recorded missing duplicates unanswered cut refused back"
    print_line(_COLUMNS.format("run", *heads.split(), "audit trail"))
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder, service(Path(folder) / "data") as running:
        outcomes = [_run(running, n, victim) for n, victim in enumerate(islice(cycle(VICTIMS), runs), 1)]
    results = [result for result, _ in outcomes]
    _row("all", "", results, "")
    return all(whole for _, whole in outcomes) and not any(
        t.missing or t.duplicates or t.unanswered for t in results
    )


def _run(running: Service, number: int, victim: str) -> tuple[KillResult, bool]:
    result = measure_kill(running, VICTIMS[victim], keyed=True, already=recorded_decisions(running.database_url))
    verified = running.run("audit", "verify", "--whole")
    found = (verified.stdout or verified.stderr).splitlines()
    _row(str(number), victim, [result], found[0] if found else "no output")
    return result, verified.returncode == 0


def _row(number: str, victim: str, results: list[KillResult], found: str) -> None:
    sums = [
        sum(len(result.answered) for result in results),
        sum(len(result.recorded) for result in results),
        sum(result.missing for result in results),
        sum(result.duplicates for result in results),
        sum(result.unanswered for result in results),
        sum(result.cut for result in results),
        sum(len(result.refused) for result in results),
    ]
    print_line(_COLUMNS.format(number, victim, *sums, f"{max(result.seconds for result in results):.1f} s", found))
