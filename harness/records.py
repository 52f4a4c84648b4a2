"""Recorded decisions, read directly from the database and verified by the audit command."""

import asyncio
from collections.abc import Sequence

import asyncpg

from harness.running_service import Service


def recorded_decisions(database_url: str) -> list[str]:
    """The identifiers of all decisions with an audit entry."""

    async def read() -> list[str]:
        connection = await asyncpg.connect(database_url)
        try:
            query = "SELECT decision_id FROM decisions JOIN audit_entries ON subject = decision_id"
            return [str(row["decision_id"]) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(read())


def chains_of_decisions(database_url: str) -> int:
    """How many chains of the audit trail have entries of decisions: one for each process that decided."""

    async def read() -> int:
        connection = await asyncpg.connect(database_url)
        try:
            query = "SELECT count(DISTINCT chain) FROM audit_entries WHERE action = 'decision recorded'"
            return int(await connection.fetchval(query))
        finally:
            await connection.close()

    return asyncio.run(read())


def each_recorded_once(decided: Sequence[str], database_url: str) -> bool:
    """Whether every answered decision has exactly one record and one entry."""
    recorded = recorded_decisions(database_url)
    return set(decided) <= set(recorded) and len(set(recorded)) == len(recorded)


def audit_trail_verifies(service: Service) -> bool:
    """Whether `scoring audit verify` finds no issues."""
    verified = service.run("audit", "verify", "--whole")
    return verified.returncode == 0 and "no issues" in verified.stdout
