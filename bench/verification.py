"""How long the audit trail takes to verify: everything, what was added, and everything in the background."""

import asyncio
import tempfile
import time
from pathlib import Path

from adapters.persistence.audit.audit_trail import IN_BACKGROUND, PostgresAuditTrail
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.exclusive import ExclusiveSection
from bench.recorded import REAL, record_real_ones
from bench.report import print_line
from bench.servers import service
from domain.audit.entry import ChainVerifier
from harness.running_service import Service

ADDED = 1_000


def verification() -> None:
    """Record twice as many real decisions as other measurements, and print the seconds of each verification."""
    with tempfile.TemporaryDirectory(prefix="scoring-bench-") as name, service(Path(name) / "data") as running:
        for part in ("first", "second"):
            folder = Path(name) / part
            folder.mkdir()
            record_real_ones(running, folder)
        running.run("audit", "checkpoint")
        _row(f"whole, {2 * REAL:,} decisions", running, "--whole")
        _row("incremental, nothing added but events", running)
        for _ in range(ADDED):
            running.decide()
        running.run("audit", "checkpoint")
        _row(f"incremental, {ADDED:,} decisions added", running)
        _row("incremental again", running)
        gentle = asyncio.run(_gently(running.database_url))
        print_line(
            f"| in the background: chains and documents of everything | {gentle[0]:.1f} s | {gentle[1]:.0%} |"
        )


def _row(what: str, running: Service, *options: str) -> None:
    """One line of Markdown: the duration of the command, its start included, and its result."""
    began = time.perf_counter()
    verified = running.run("audit", "verify", *options)
    seconds = time.perf_counter() - began
    print_line(f"| {what} | {seconds:.1f} s | {(verified.stdout or verified.stderr).splitlines()[0]} |")


async def _gently(url: str) -> tuple[float, float]:
    """Seconds that the background's way of reading takes, and the share of one core that this process uses."""
    engine = database_engine(url, command_timeout=None, max_connections=2)
    try:
        async with ExclusiveSection(engine, 1)():
            began, used = time.perf_counter(), time.process_time()
            chains = ChainVerifier()
            async for entry, document in PostgresAuditTrail(engine, **IN_BACKGROUND).entries():
                if chains.check(entry, document):
                    raise AssertionError(f"entry {entry.sequence} of {entry.chain} is wrong")
            seconds = time.perf_counter() - began
            return seconds, (time.process_time() - used) / seconds
    finally:
        await engine.dispose()
