"""`kill -9` under load, again and again: is every decision that somebody was given on record, and once?"""

import tempfile
from itertools import cycle, islice
from pathlib import Path

from bench.report import tell
from bench.servers import service
from harness.kills import CALLERS, VICTIMS, Toll, toll_of
from harness.records import on_record
from harness.running_service import Service

_COLUMNS = "{:>3}  {:<11} {:>9} {:>9} {:>8} {:>11} {:>8} {:>5} {:>8} {:>7}   {}"


def kills(runs: int) -> bool:
    """So many runs on the same data, and what became of each; whether nothing was lost and nothing is wrong.

    Callers come with Idempotency-Keys and ask again until they are given a decision, so that in the end each
    question has one answer and one record.
    """
    tell(f"kill -9 under the load of {CALLERS} connections")
    heads = "killed answered recorded missing duplicates unheard cut refused back"
    tell(_COLUMNS.format("run", *heads.split(), "audit trail"))
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as folder, service(Path(folder) / "data") as running:
        outcomes = [_run(running, n, who) for n, who in enumerate(islice(cycle(VICTIMS), runs), 1)]
    tolls = [toll for toll, _ in outcomes]
    _row("all", "", tolls, "")
    return all(whole for _, whole in outcomes) and not any(t.missing or t.duplicates or t.unheard for t in tolls)


def _run(running: Service, number: int, who: str) -> tuple[Toll, bool]:
    toll = toll_of(running, VICTIMS[who], keyed=True, already=on_record(running.database_url))
    verified = running.run("audit", "verify")
    found = (verified.stdout or verified.stderr).splitlines()
    _row(str(number), who, [toll], found[0] if found else "said nothing")
    return toll, verified.returncode == 0


def _row(number: str, who: str, tolls: list[Toll], found: str) -> None:
    sums = [
        sum(len(toll.answered) for toll in tolls),
        sum(len(toll.recorded) for toll in tolls),
        sum(toll.missing for toll in tolls),
        sum(toll.duplicates for toll in tolls),
        sum(toll.unheard for toll in tolls),
        sum(toll.cut for toll in tolls),
        sum(len(toll.refused) for toll in tolls),
    ]
    tell(_COLUMNS.format(number, who, *sums, f"{max(toll.seconds for toll in tolls):.1f} s", found))
