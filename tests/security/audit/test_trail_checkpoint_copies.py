"""Checkpoints kept elsewhere reveal what a superuser of the database removes or replaces."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from adapters.persistence.database.connections import database_engine
from adapters.persistence.models.bundles import PostgresBundles
from adapters.persistence.policies.policies import PostgresPolicies
from adapters.security.audit_signing import Ed25519Signer
from application.use_cases.models.archive_versions import ArchiveVersions
from domain.audit.checkpoint_copy import CheckpointCopy, InvalidCheckpointCopy
from domain.policies.version_1 import POLICY_1
from entrypoints.cli.main import scoring
from support.builders import a_decision_record
from support.databases import SIGNER, Store, connected, postgres_store_at, products_at
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

BEFORE, AFTER = 3, 2
WITHOUT_TRIGGERS = "SET session_replication_role = replica; "
NEWEST_CHECKPOINT = (
    "DELETE FROM checkpoint_heads WHERE number = (SELECT max(number) FROM checkpoints); "
    "DELETE FROM checkpoints WHERE number = (SELECT max(number) FROM checkpoints)"
)
EVERYTHING = (
    "DELETE FROM decisions; DELETE FROM recorded_events; DELETE FROM audit_entries; DELETE FROM checkpoint_heads; "
    "DELETE FROM checkpoints"
)
NEWEST_DECISIONS = (
    "DELETE FROM decisions USING audit_entries WHERE subject = decision_id AND sequence > {0}; "
    "DELETE FROM audit_entries WHERE sequence > {0}"
)


async def run(url: str, statements: str) -> None:
    async with connected(url) as connection:
        await connection.execute(WITHOUT_TRIGGERS + statements)


async def copies_of(store: Store) -> CheckpointCopy:
    """The newest checkpoint, read from its text form."""
    newest = await store.checkpoints.last()
    assert newest is not None
    return CheckpointCopy.read(CheckpointCopy.of(newest).line())


@pytest.fixture
async def copies(postgres_store: Store) -> list[CheckpointCopy]:
    """Copies of two checkpoints: after three decisions, and after two more."""
    copies = []
    for count in (BEFORE, AFTER):
        for _ in range(count):
            await postgres_store.ledger.record(a_decision_record())
        await postgres_store.checkpoint()
        copies.append(await copies_of(postgres_store))
    return copies


async def violations(store: Store, copies: list[CheckpointCopy]) -> list[str]:
    found = await store.verify((SIGNER.public_key,), copies=copies)
    return [f"{one.place}: {one.why}" for one in found.violations]


async def test_an_unchanged_trail_contains_the_kept_checkpoints(
    postgres_store: Store, copies: list[CheckpointCopy]
) -> None:
    assert await violations(postgres_store, copies) == []
    await postgres_store.ledger.record(a_decision_record())
    await postgres_store.checkpoint()
    assert await violations(postgres_store, copies) == []
    assert (await postgres_store.verify(copies=copies)).copies_compared == 2


async def test_removal_of_the_newest_decisions_and_checkpoint_is_detected(
    migrated_url: str, postgres_store: Store, copies: list[CheckpointCopy]
) -> None:
    await run(migrated_url, f"{NEWEST_DECISIONS.format(BEFORE)}; {NEWEST_CHECKPOINT}")
    assert await violations(postgres_store, []) == []  # the database alone does not show it
    assert await violations(postgres_store, copies[:1]) == []
    (found,) = await violations(postgres_store, copies)
    assert found.startswith("checkpoint 2: it has a copy but is missing here (the trail ends at checkpoint 1)")
    assert f"records until {copies[1].at.isoformat()} may have been removed" in found


async def test_removal_of_everything_is_detected(
    migrated_url: str, postgres_store: Store, copies: list[CheckpointCopy]
) -> None:
    await run(migrated_url, EVERYTHING)
    nothing = await postgres_store.verify()
    assert nothing.empty
    found = await violations(postgres_store, copies)
    assert len(found) == 2
    assert all("the trail has no checkpoints" in one for one in found)
    assert not (await postgres_store.verify(copies=copies)).empty


async def test_a_trail_rewritten_with_the_services_key_is_detected(
    migrated_url: str, postgres_store: Store, copies: list[CheckpointCopy]
) -> None:
    """Even with the database and the signing key, the past cannot be rewritten."""
    await run(migrated_url, EVERYTHING)
    for _ in range(2):
        await postgres_store.ledger.record_all([a_decision_record()])
        await postgres_store.checkpoint()
    assert await violations(postgres_store, []) == []
    found = await violations(postgres_store, copies)
    assert [one.partition(":")[0] for one in found] == ["checkpoint 1", "checkpoint 2"]
    assert all("it differs from its copy" in one for one in found)
    assert "digest of the chains' heads, digest, signature differ" in found[0]


async def test_a_missing_checkpoint_is_detected(
    migrated_url: str, postgres_store: Store, copies: list[CheckpointCopy]
) -> None:
    await run(migrated_url, "DELETE FROM checkpoints WHERE number = 1")
    found = await violations(postgres_store, copies)
    assert any("the trail continues to checkpoint 2" in one for one in found)


async def test_a_copy_signed_with_an_untrusted_key_is_detected(postgres_store: Store) -> None:
    await postgres_store.ledger.record(a_decision_record())
    await postgres_store.checkpoint(signer=Ed25519Signer(b"x" * 32))
    copy = await copies_of(postgres_store)
    found = await violations(postgres_store, [copy])
    assert any("copy is signed with an untrusted key" in one for one in found)


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "{}", "nonsense", '{"checkpoint": 1}', "[" * 100_000],
)
def test_an_invalid_kept_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(InvalidCheckpointCopy, match="not a copy of a checkpoint"):
        CheckpointCopy.read(text)


@pytest.mark.parametrize(
    "change",
    [
        {"checkpoint": 0},
        {"checkpoint": "1"},
        {"checkpoint": True},
        {"at": "2026-05-01T12:00:00"},
        {"at": 1},
        {"digest": "00"},
        {"key": "zz"},
        {"signature": None},
    ],
    ids=str,
)
async def test_a_kept_checkpoint_with_a_damaged_part_is_refused(
    postgres_store: Store, copies: list[CheckpointCopy], change: dict[str, object]
) -> None:
    content = json.loads(copies[0].line()) | change
    with pytest.raises(InvalidCheckpointCopy):
        CheckpointCopy.read(json.dumps(content))


class TestCommands:
    """Run `scoring audit` on a real database."""

    @pytest.fixture(autouse=True)
    def configured(self, migrated_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SCORING_DATABASE_URL", migrated_url)
        monkeypatch.setenv("SCORING_DATA_DIR", str(tmp_path / "data"))

    def run(self, *arguments: str) -> Result:
        return CliRunner().invoke(scoring, ["audit", *arguments])

    def decide(self, url: str, count: int = 1) -> None:
        async def record() -> None:
            engine = database_engine(url)
            keep = ArchiveVersions(PostgresBundles(engine), products_at(engine), PostgresPolicies(engine))
            await keep(CHAMPION_FINGERPRINT, CHAMPION, POLICY_1)
            await engine.dispose()
            async with postgres_store_at(url) as store:
                for _ in range(count):
                    await store.ledger.record(a_decision_record(model_fingerprint=CHAMPION_FINGERPRINT))

        asyncio.run(record())

    def test_an_empty_trail_is_reported_as_empty(self) -> None:
        done = self.run("verify")
        assert done.exit_code == 3, done.output
        assert done.stdout.startswith("Nothing to verify: the audit trail has no decisions.")
        assert "whole" not in done.stdout
        assert self.run("verify", "--allow-empty").exit_code == 0

    def test_showing_a_checkpoint_before_the_first_one_fails(self) -> None:
        done = self.run("checkpoint", "--show")
        assert done.exit_code == 1
        assert "There is no checkpoint yet." in done.output

    def test_a_shown_checkpoint_can_be_compared_with_the_trail(self, migrated_url: str, tmp_path: Path) -> None:
        self.decide(migrated_url, 2)
        assert self.run("checkpoint").exit_code == 0
        shown = self.run("checkpoint", "--show")
        parts = {"checkpoint", "at", "heads_digest", "digest", "signature", "key"}
        assert set(json.loads(shown.stdout)) == {"kind", "schema", *parts}
        file = tmp_path / "kept.json"
        file.write_text(shown.stdout)
        done = self.run("verify", "--since", str(file))
        assert done.exit_code == 0, done.output
        assert "1 external copy compared." in done.stdout
        asyncio.run(run(migrated_url, EVERYTHING))
        assert self.run("verify").exit_code == 3
        done = self.run("verify", "--since", str(file), "--allow-empty")
        assert done.exit_code == 1
        assert done.stdout.startswith("integrity error: checkpoint 1: it has a copy but is missing here")

    def test_a_partial_line_does_not_prevent_comparing_the_others(self, migrated_url: str, tmp_path: Path) -> None:
        self.decide(migrated_url)
        assert self.run("checkpoint").exit_code == 0
        line = self.run("checkpoint", "--show").stdout
        file = tmp_path / "kept.json"
        file.write_text(f"{line[:50]}\n{line}")
        done = self.run("verify", "--since", str(file))
        assert done.exit_code == 0, done.output
        assert "1 external copy compared." in done.stdout
        assert "kept.json, line 1: incomplete, skipped." in done.stderr

    @pytest.mark.parametrize("content", ["", "\n\n", '{"checkpoint": 1', "not JSON\n"])
    def test_a_file_without_a_checkpoint_is_refused(self, tmp_path: Path, content: str) -> None:
        file = tmp_path / "kept.json"
        file.write_text(content)
        done = self.run("verify", "--since", str(file))
        assert done.exit_code == 2
        assert "kept.json" in done.output
