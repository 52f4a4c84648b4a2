"""`scoring reproduce` on a decision whose document cannot be read."""

import asyncio

import pytest
from click.testing import CliRunner

from entrypoints.cli.reproduce import command
from support.builders import a_decision_record
from support.databases import connected, ledger_at


def test_a_damaged_decision_is_named_with_the_reason(migrated_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = a_decision_record()

    async def damaged() -> None:
        async with ledger_at(migrated_url) as ledger:
            await ledger.record_all([record])
        async with connected(migrated_url) as connection, connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            await connection.execute("UPDATE decisions SET document = left(document, 100)")

    asyncio.run(damaged())
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    done = CliRunner().invoke(command, [str(record.decision_id)])
    assert done.exit_code == 2
    assert f"the document of decision {record.decision_id} cannot be read: it is not valid JSON" in done.output
