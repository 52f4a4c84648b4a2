"""Evidence, reports of verifications and the list of events at the command line, on a real database."""

import asyncio
import json
import os
import stat
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result

from domain.audit.event import EventKind
from entrypoints.cli.main import scoring
from entrypoints.composition.processes.preparation import prepare_database
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import read_settings
from support.builders import a_decision_record
from support.databases import Store
from support.engines import execute

KEY = "qJ8vZrT2mWx5LbN7cYdF4hKp9sGaU3eRtXoEiV6w"  # of a test


@pytest.fixture
async def decisions(
    postgres_store: Store, migrated_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> list[str]:
    """Three decisions on the database of the settings."""
    monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
    monkeypatch.setenv("SCORING_SECRET_KEY", KEY)
    monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SCORING_ADMIN_PASSWORD", "a meadow of seven lamps")
    await prepare_database(read_settings(os.environ))
    made = []
    for _ in range(3):
        record = a_decision_record()
        await postgres_store.ledger.record(record)
        made.append(str(record.decision_id))
    return made


async def run(*arguments: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, scoring, arguments)


def mode_of(file: Path) -> str:
    return stat.filemode(file.stat().st_mode)


async def test_evidence_is_exported_and_verified(decisions: list[str], tmp_path: Path) -> None:
    output, key = str(tmp_path / "evidence.zip"), (await run("audit", "key")).stdout.strip()
    made = await run("audit", "export", *decisions[:2], "--output", output)
    assert made.exit_code == 0, made.output
    assert "evidence.zip: 2 decisions, " in made.stdout
    assert mode_of(tmp_path / "evidence.zip") == "-rw-------"
    verified = await run("audit", "verify-export", output, "--key", key)
    assert f"decision {decisions[0]}: unchanged" in verified.output
    assert verified.exit_code == 3, verified.output  # the model of the builders is not archived
    assert "KEY NOT COMPARED" in (await run("audit", "verify-export", output)).output
    again = await run("audit", "export", decisions[0], "--output", output)
    assert again.exit_code == 1
    assert "exists already; nothing was exported" in again.output
    listed = await run("audit", "events", "--kind", EventKind.EVIDENCE_EXPORTED.value, "--json")
    (event,) = [json.loads(line) for line in listed.stdout.splitlines()]
    assert (event["actor"], event["details"]["decisions"]) == (operating_system_user(), 2)


async def test_a_selection_needs_identifiers_or_options(decisions: list[str], tmp_path: Path) -> None:
    output = str(tmp_path / "evidence.zip")
    assert (await run("audit", "export", "--output", output)).exit_code == 2
    assert (await run("audit", "export", decisions[0], "--grade", "A", "--output", output)).exit_code == 2
    none = await run("audit", "export", "--requested-by", "nobody", "--output", output)
    assert (none.exit_code, "no decision matches" in none.output) == (1, True)
    assert (await run("audit", "export", "--outcome", "referred", "--output", output)).exit_code == 0


async def test_the_report_of_a_verification_is_printed_later(decisions: list[str], migrated_url: str) -> None:
    assert "was never verified" in (await run("audit", "report")).output
    assert (await run("audit", "verify")).exit_code == 1  # the model of the builders is not stored
    printed = await run("audit", "report")
    assert printed.exit_code == 0, printed.output
    report = json.loads(printed.stdout)
    assert (report["result"], report["by"], report["entries"]) == ("broken", operating_system_user(), 5)
    assert "which is not stored" in report["violations"][0]["why"]
    change = "UPDATE verification_reports SET document = replace(document, 'broken', 'intact')"
    with pytest.raises(asyncpg.PostgresError, match="verification_reports"):
        execute(migrated_url, change)
    execute(migrated_url, f"SET session_replication_role = replica; {change}")
    altered = await run("audit", "report")
    assert (altered.exit_code, "was altered" in altered.output) == (1, True)


async def test_a_list_of_events_is_continued(decisions: list[str]) -> None:
    await run("audit", "verify")
    first = await run("audit", "events", "--limit", "1", "--json")
    assert "continue with --before" in first.stderr
    newest = json.loads(first.stdout)["event_id"]
    rest = await run("audit", "events", "--before", newest, "--json")
    older = [json.loads(line)["event_id"] for line in rest.stdout.splitlines()]
    assert older
    assert max(older) < newest
    assert "continue" not in rest.stderr
