"""Exports of evidence contain what people did about a decision, with proofs."""

import json
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from adapters.evidence import verify
from adapters.memory.products import MemoryProducts
from adapters.system import SystemClock
from application.use_cases.audit.export_evidence import EvidenceSelection
from domain.access.user import Actor, Role
from domain.policies.outcome import Outcome
from domain.policies.version_1 import POLICY_1
from domain.products.personal_loan import PERSONAL_LOAN
from support.actions import record_actions
from support.builders import a_decision_record
from support.databases import SIGNER, Store
from support.engines import execute
from support.evidence import content_of, export_evidence_over, files_of, zip_of
from support.memory.versions import MemoryBundles, MemoryPolicies
from support.notice_desk import NoticeDesk, notice_desk_in_postgres
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT

__all__ = ["notice_desk_in_postgres"]
KEY = SIGNER.public_key.hex()


@pytest.fixture
async def decision(migrated_url: str, postgres_store: Store) -> UUID:
    """A decision on whose case and application people acted, covered by a checkpoint."""
    record = a_decision_record(
        model_fingerprint=CHAMPION_FINGERPRINT,
        policy_fingerprint=POLICY_1.fingerprint,
        product_fingerprint=PERSONAL_LOAN.fingerprint,
    )
    await postgres_store.ledger.record(record)
    await record_actions(migrated_url, record.decision_id)
    await postgres_store.checkpoint()
    return record.decision_id


async def exported(store: Store, decision_id: UUID) -> dict[str, bytes]:
    policies, bundles = MemoryPolicies(), MemoryBundles()
    await policies.archive(POLICY_1)
    await bundles.archive(CHAMPION_FINGERPRINT, CHAMPION)
    products, clock = MemoryProducts(PERSONAL_LOAN), SystemClock()
    export = export_evidence_over(
        store.archive, store.evidence, store.checkpoints, store.events, products, policies, bundles, clock, SIGNER
    )
    selection = EvidenceSelection(identifiers=(decision_id,))
    return files_of(await content_of(await export(selection, by=Actor("arthur", Role.AUDITOR))))


def verified(folder: Path, files: Mapping[str, bytes]) -> tuple[int, str]:
    place, said = folder / "evidence.zip", list[str]()
    place.write_bytes(zip_of(files))
    return verify.verify(place, {KEY}, said.append), "\n".join(said)


async def test_actions_and_the_final_decision_are_proven(
    postgres_store: Store, decision: UUID, tmp_path: Path
) -> None:
    files = await exported(postgres_store, decision)
    manifest = json.loads(files["manifest.json"])
    assert (len(manifest["actions"]), len(manifest["final_decisions"])) == (2, 1)
    assert b"case claimed, by maria" in files["evidence.html"]
    code, output = verified(tmp_path, files)
    assert code == 0, output
    for name in (*manifest["actions"], *manifest["final_decisions"]):
        assert f"{name}: unchanged. recorded at " in output


async def test_the_evidence_of_another_decision_has_none_of_them(
    postgres_store: Store, decision: UUID, tmp_path: Path
) -> None:
    assert await postgres_store.evidence.actions_on([uuid4()], limit=9) == []
    assert await postgres_store.evidence.final_decisions_on([uuid4()]) == []
    found = await postgres_store.evidence.actions_on([uuid4(), decision], limit=9)
    assert {each.decision_id for each in found} == {decision}


async def test_actions_on_an_application_are_evidence_of_each_of_its_decisions(
    migrated_url: str, postgres_store: Store, decision: UUID
) -> None:
    later = uuid4()
    row = f"('{decision}', '{later}', '{decision}', now())"
    execute(migrated_url, f"INSERT INTO superseded_decisions VALUES {row}")  # noqa: S608 - own text
    (found,) = await postgres_store.evidence.actions_on([later], limit=9)
    assert [entry.action for entry in found.subject.entries] == ["application accepted"]


@pytest.mark.parametrize("folder", ["final_decisions", "actions"])
@pytest.mark.parametrize("change", ["altered", "removed"])
async def test_a_changed_action_is_detected(
    postgres_store: Store, decision: UUID, tmp_path: Path, folder: str, change: str
) -> None:
    files = await exported(postgres_store, decision)
    name = next(name for name in files if name.startswith(f"{folder}/") and name.endswith("/document.json"))
    if change == "altered":
        files[name] = files[name].replace(b"maria", b"maris")
    else:
        files = {
            other: content for other, content in files.items() if not other.startswith(name.rpartition("/")[0])
        }
    code, output = verified(tmp_path, files)
    assert code == 1, output


async def test_an_export_of_an_earlier_release_still_verifies(postgres_store: Store, tmp_path: Path) -> None:
    """Its manifest has no lists of actions and final decisions."""
    record = a_decision_record(
        model_fingerprint=CHAMPION_FINGERPRINT,
        policy_fingerprint=POLICY_1.fingerprint,
        product_fingerprint=PERSONAL_LOAN.fingerprint,
    )
    await postgres_store.ledger.record(record)
    await postgres_store.checkpoint()
    files = await exported(postgres_store, record.decision_id)
    manifest = json.loads(files["manifest.json"])
    del manifest["actions"], manifest["final_decisions"], files["signature.json"]
    files["manifest.json"] = json.dumps(manifest).encode()
    code, output = verified(tmp_path, files)
    assert code == 3, output
    assert "CHANGED" not in output.replace("UNCHANGED", "").replace("FOUND CHANGED", "")


async def test_what_was_done_with_notices_is_evidence(notice_desk_in_postgres: NoticeDesk) -> None:
    desk = notice_desk_in_postgres
    record = await desk.decide(Outcome.DECLINED)
    await desk.issue(await desk.notice(record.decision_id))
    (found,) = await desk.store.evidence.actions_on([record.decision_id], limit=9)
    (entry,) = found.subject.entries
    assert (found.decision_id, entry.action) == (record.decision_id, "notice issued")
    assert b'"pdf_sha256"' in (found.subject.document or b"")
