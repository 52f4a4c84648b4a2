"""What is on record, read past the service: straight from the database, and by the auditor's own command."""

import asyncio
from collections.abc import Sequence

import asyncpg

from harness.running_service import Service


def on_record(database_url: str) -> list[str]:
    """The identifiers of all decisions that have their audit entry."""

    async def read() -> list[str]:
        connection = await asyncpg.connect(database_url)
        try:
            query = "SELECT decision_id FROM decisions JOIN audit_entries ON subject = decision_id"
            return [str(row["decision_id"]) for row in await connection.fetch(query)]
        finally:
            await connection.close()

    return asyncio.run(read())


def each_is_on_record_once(decided: Sequence[str], database_url: str) -> bool:
    """Whether nothing that was answered is missing, and no decision has two records or entries."""
    recorded = on_record(database_url)
    return set(decided) <= set(recorded) and len(set(recorded)) == len(recorded)


def chains_are_whole(service: Service) -> bool:
    """What `scoring audit verify` says."""
    verified = service.run("audit", "verify")
    return verified.returncode == 0 and "no issues" in verified.stdout
