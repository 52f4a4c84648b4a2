"""References while several processes record them, and while one of them is killed."""

import asyncio
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from support.databases import Store, connected

_PROCESS = """
import asyncio, sys
sys.path[:0] = [{tests!r}, {src!r}]
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from application.use_cases.decisions.assess_once import AssessmentResult
from domain.applications.application_identity import ApplicationIdentity
from support.builders import a_decision_record, a_loan_application

async def main(url, name, tries):
    ledger = PostgresDecisionLedger(url)
    await ledger.open()
    print("ready", flush=True)
    sys.stdin.readline()
    async def one(number):
        amount = 5_000 + 1_000 * (number % 2)  # two contents
        record = a_decision_record(
            identity=ApplicationIdentity(f"LN-{{number // 4}}", source="los"),
            application=a_loan_application(loan_amnt=amount),
            trial=False,
        )
        (recorded,) = await ledger.record_each([(record, None)])
        result = AssessmentResult.of(record, recorded)
        if isinstance(result, AssessmentResult):
            kind = "replayed" if result.replayed else "recorded"
            print(number // 4, kind, result.record.decision_id, flush=True)
        else:
            print(number // 4, type(result).__name__, getattr(result, "decision_id", None), flush=True)
    await asyncio.gather(*(one(number) for number in range(4 * tries)))
    print("done", flush=True)
    await ledger.close()

asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
"""
TRIES = 100


async def start(url: str, name: str, tries: int = TRIES) -> asyncio.subprocess.Process:
    """A process with a ledger of its own, which begins when it is sent a line."""
    tests = Path(__file__).parents[1]
    code = _PROCESS.format(tests=str(tests), src=str(tests.parent / "src"))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        url,
        name,
        str(tries),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"ready\n"
    return process


_BUSY = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
"""
_COUNTS = """
SELECT (SELECT count(*) FROM application_references),
    (SELECT count(*) FROM application_references JOIN decisions USING (decision_id)),
    (SELECT count(*) FROM decisions)
"""


async def wait_idle(connection: Any) -> None:
    """Wait until no other connection to the database executes a statement."""
    async with asyncio.timeout(10):
        while await connection.fetchval(_BUSY):
            await connection.execute("SELECT pg_sleep(0.05)")


async def test_of_two_processes_one_decides_each_application(migrated_url: str, postgres_store: Store) -> None:
    """100 references, each sent four times by each process, with two contents."""
    processes = [await start(migrated_url, name) for name in ("one", "other")]
    outputs = await asyncio.gather(*(process.communicate(b"\n") for process in processes))
    lines = [line.split() for out, _ in outputs for line in out.decode().splitlines() if line != "done"]
    assert len(lines) == 8 * TRIES
    kinds = Counter(kind for _, kind, _ in lines)
    assert kinds["recorded"] == TRIES, kinds
    assert set(kinds) == {"recorded", "replayed", "ApplicationReferenceTaken"}
    decisions: dict[str, set[str]] = {}
    for number, _, decision in lines:
        decisions.setdefault(number, set()).add(decision)
    assert all(len(each) == 1 for each in decisions.values())
    assert await postgres_store.violations() == []
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == TRIES


async def test_a_killed_process_leaves_no_reference_without_its_decision(
    migrated_url: str, postgres_store: Store
) -> None:
    process = await start(migrated_url, "killed", 900)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(b"\n")
    await process.stdin.drain()
    while b"recorded" not in await process.stdout.readline():
        pass
    os.kill(process.pid, signal.SIGKILL)
    await process.wait()
    async with connected(migrated_url) as connection:
        await wait_idle(connection)
        references, matching, recorded = await connection.fetchrow(_COUNTS)
    assert references == matching == recorded > 0
    assert await postgres_store.violations() == []
    survivor = await start(migrated_url, "survivor", 10)
    out, _ = await survivor.communicate(b"\n")
    assert all(line.split()[1] != "LedgerUnavailable" for line in out.decode().splitlines() if line != "done")
