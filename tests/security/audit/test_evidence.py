"""Exports of evidence: complete, and verified by a program that nothing in them can deceive."""

import asyncio
import io
import json
import sys
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.lender import AUDITOR, OFFICER, Lender
from acceptance.use_case_lender import LenderThroughUseCases
from adapters.documents.evidence_documents import RenderedEvidence
from adapters.documents.render_process import render_pdf
from adapters.documents.rendering import DocumentProcess, RenderingFailed
from adapters.evidence import verify
from adapters.persistence.decisions.documents import decode
from adapters.security.audit_signing import Ed25519Signatures, Ed25519Signer
from application.ports.audit.audit_events import EventRefused
from application.ports.audit.evidence_package import RecordText
from application.ports.decisions.decision_archive import DecisionFilter
from application.use_cases.audit.export_evidence import (
    EvidenceSelection,
    ExportNotRecorded,
    SelectionEmpty,
    SelectionTooLarge,
)
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Actor, PermissionDenied, Role
from domain.audit.checkpoint import next_checkpoint
from domain.audit.entry import ChainHead
from domain.audit.event import EventKind
from domain.policies.outcome import Outcome
from domain.products.personal_loan import EXAMPLE
from entrypoints.configuration.setting_readers import PROJECT
from support.boat_model import lending_for_boats
from support.evidence import content_of, files_of, verify_in_clean_interpreter, zip_of
from support.other_product import BOAT_LOAN

RISK_MANAGER = Actor("Ruth", Role.RISK_MANAGER)
FORGER = Ed25519Signer(b"f" * 32)
SAFE = {**EXAMPLE, "annual_inc": 120_000, "loan_amnt": 5_000}
Files = dict[str, bytes]


@dataclass
class Made:
    """An export of two decisions, as files, and what it takes to verify it."""

    lender: Lender
    files: Files
    decisions: list[str]

    @property
    def key(self) -> str:
        return self.lender.signer.public_key.hex()


def export(lender: Lender, selection: EvidenceSelection, by: Actor = AUDITOR) -> bytes:
    async def run() -> bytes:
        return await content_of(await lender.use_cases.export_evidence(selection, by=by))

    return asyncio.run(run())


def a_lender(decisions: int) -> tuple[Lender, list[UUID]]:
    lender = LenderThroughUseCases()
    made = [lender.apply(EXAMPLE | {"loan_amnt": 10_000 + 100 * number}) for number in range(decisions)]
    return lender, [answer.decision_id for answer in made if answer]


@pytest.fixture(scope="module")
def made() -> Made:
    lender, identifiers = a_lender(4)
    lender.create_checkpoint()
    selection = EvidenceSelection(identifiers=(identifiers[1], identifiers[3]))
    files = files_of(export(lender, selection))
    return Made(lender, files, [str(each) for each in selection.identifiers])


def verified(tmp_path: Path, files: Files, *arguments: str) -> tuple[int, str]:
    place = tmp_path / "evidence.zip"
    place.write_bytes(zip_of(files))
    return verify_in_clean_interpreter(place, *arguments)


def quickly(tmp_path: Path, files: Files, *keys: str) -> tuple[int, str]:
    """As `verified`, in this process."""
    place = tmp_path / "evidence.zip"
    place.write_bytes(zip_of(files))
    said: list[str] = []
    return verify.verify(place, set(keys), said.append), "\n".join(said)


def sealed(files: Files, signer: Ed25519Signer | None = None) -> Files:
    """The files with a manifest that fits them, signed by somebody if there is a signer."""
    manifest = json.loads(files["manifest.json"])
    own = {"manifest.json", "signature.json"}
    manifest["files"] = {name: sha256(data).hexdigest() for name, data in files.items() if name not in own}
    content = json.dumps(manifest).encode()
    changed = {name: data for name, data in files.items() if name not in own} | {"manifest.json": content}
    if signer is not None:
        statement = f"credit-scoring export of evidence\nmanifest {sha256(content).hexdigest()}\n".encode()
        signed = {"key": signer.public_key.hex(), "signature": signer.sign(statement).hex()}
        changed["signature.json"] = json.dumps(signed).encode()
    return changed


def test_an_unchanged_export_verifies_with_the_standard_library_alone(made: Made, tmp_path: Path) -> None:
    code, output = verified(tmp_path, made.files, "--key", made.key)
    assert code == 0, output
    for decision in made.decisions:
        assert f"decision {decision}: unchanged. recorded at " in output
    assert "RESULT: UNCHANGED" in output


def test_it_verifies_as_a_folder_with_its_own_copy_of_the_program(made: Made, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_of(made.files))) as package:
        package.extractall(tmp_path)
    said: list[str] = []
    assert verify.verify(tmp_path, {made.key}, said.append) == 0, said
    assert (tmp_path / "verify.py").read_bytes() == Path(verify.__file__).read_bytes()


def test_without_a_key_from_elsewhere_it_is_not_proven(made: Made, tmp_path: Path) -> None:
    code, output = verified(tmp_path, made.files)
    assert code == 3
    assert f"KEY NOT COMPARED: {made.key}" in output


def test_it_has_the_stored_bytes_and_what_decided(made: Made) -> None:
    stored = {str(record.decision_id): record for record in made.lender.decisions.records()}
    manifest = json.loads(made.files["manifest.json"])
    assert manifest["decisions"] == made.decisions
    assert (manifest["exported_by"], manifest["role"]) == ("Arthur", "auditor")
    assert manifest["public_keys"] == [made.key]
    for decision in made.decisions:
        document = json.loads(made.files[f"decisions/{decision}/document.json"])
        record = stored[decision]
        assert document["decision_id"] == decision
        assert f"versions/policy-{record.policy_fingerprint}.json" in made.files
        assert f"versions/product-{record.product_fingerprint}.json" in made.files
        assert f"versions/model-{record.model_fingerprint}/manifest.json" in made.files
        assert decision in made.files["evidence.html"].decode()


def test_the_links_begin_at_the_first_decision_and_end_where_the_checkpoint_does(made: Made) -> None:
    (name,) = [each for each in made.files if each.startswith("chains/")]
    assert [json.loads(line)["sequence"] for line in made.files[name].splitlines()] == [2, 3, 4]


def changed_document(files: Files, one: str, _: str) -> None:
    name = f"decisions/{one}/document.json"
    files[name] = files[name].replace(b'"referred"', b'"approved"').replace(b"10100", b"10900")


def swapped_documents(files: Files, one: str, other: str) -> None:
    a, b = f"decisions/{one}/document.json", f"decisions/{other}/document.json"
    files[a], files[b] = files[b], files[a]


def swapped_folders(files: Files, one: str, other: str) -> None:
    for part in ("document.json", "proof.json"):
        a, b = f"decisions/{one}/{part}", f"decisions/{other}/{part}"
        files[a], files[b] = files[b], files[a]


def of_chain(files: Files) -> str:
    return next(name for name in files if name.startswith("chains/"))


def dropped_entry(files: Files, *_: str) -> None:
    lines = files[of_chain(files)].splitlines(keepends=True)
    files[of_chain(files)] = b"".join(lines[:1] + lines[2:])


def dropped_end(files: Files, *_: str) -> None:
    files[of_chain(files)] = b"".join(files[of_chain(files)].splitlines(keepends=True)[:-1])


def dropped_chain(files: Files, *_: str) -> None:
    files[of_chain(files)] = b""


def changed_entry(files: Files, *_: str) -> None:
    files[of_chain(files)] = files[of_chain(files)].replace(b'"Olga"', b'"Oleg"')


def relinked_document(files: Files, one: str, other: str) -> None:
    """Alter a document, and give it an entry whose digests fit."""
    changed_document(files, one, other)
    proof = json.loads(files[f"decisions/{one}/proof.json"])
    proof["entry"]["content_digest"] = sha256(files[f"decisions/{one}/document.json"]).hexdigest()
    proof["entry"]["digest"] = verify.digest_of(proof["entry"])
    files[f"decisions/{one}/proof.json"] = json.dumps(proof).encode()


def rebuilt_chain(files: Files, one: str, other: str) -> None:
    """As `relinked_document`, with every later entry linked to it."""
    relinked_document(files, one, other)
    forged = json.loads(files[f"decisions/{one}/proof.json"])["entry"]
    lines, previous = [], None
    for line in files[of_chain(files)].splitlines():
        entry = json.loads(line)
        if entry["sequence"] == forged["sequence"]:
            entry = forged
        elif previous is not None:
            entry["previous"] = previous
            entry["digest"] = verify.digest_of(entry)
        previous = entry["digest"]
        if entry["subject"] == other:
            proof = json.loads(files[f"decisions/{other}/proof.json"]) | {"entry": entry}
            files[f"decisions/{other}/proof.json"] = json.dumps(proof).encode()
        lines.append(json.dumps(entry).encode())
    files[of_chain(files)] = b"\n".join(lines)


def removed_decision(files: Files, one: str, _: str) -> None:
    for part in ("document.json", "proof.json"):
        del files[f"decisions/{one}/{part}"]


def removed_document(files: Files, one: str, _: str) -> None:
    del files[f"decisions/{one}/document.json"]


def changed_statement(files: Files, *_: str) -> None:
    files["checkpoints/1.txt"] = files["checkpoints/1.txt"].replace(b"length 4", b"length 5")


def changed_signature(files: Files, *_: str) -> None:
    signed = json.loads(files["checkpoints/1.json"])
    signed["signature"] = "00" * 64
    files["checkpoints/1.json"] = json.dumps(signed).encode()


def removed_checkpoint(files: Files, *_: str) -> None:
    del files["checkpoints/1.txt"]


def changed_policy(files: Files, *_: str) -> None:
    name = next(each for each in files if each.startswith("versions/policy-"))
    files[name] = files[name].replace(b"0.21", b"0.28")


def changed_product(files: Files, *_: str) -> None:
    name = next(each for each in files if each.startswith("versions/product-"))
    files[name] += b" "


def changed_model(files: Files, *_: str) -> None:
    name = next(each for each in files if each.startswith("versions/model-") and each.endswith("manifest.json"))
    files[name] += b" "


def changed_sums(files: Files, *_: str) -> None:
    name = next(each for each in files if each.endswith("SHA256SUMS"))
    files[name] = files[name].replace(b"0", b"1")


def added_decision(files: Files, one: str, _: str) -> None:
    stranger = str(uuid4())
    for part in ("document.json", "proof.json"):
        files[f"decisions/{stranger}/{part}"] = files[f"decisions/{one}/{part}"].replace(
            one.encode(), stranger.encode()
        )


def listed_twice(files: Files, one: str, _: str) -> None:
    manifest = json.loads(files["manifest.json"])
    manifest["decisions"].append(one)
    files["manifest.json"] = json.dumps(manifest).encode()


def second_entry(files: Files, one: str, _: str) -> None:
    proof = json.loads(files[f"decisions/{one}/proof.json"])
    proof["other_entries"] = [proof["entry"]]
    files[f"decisions/{one}/proof.json"] = json.dumps(proof).encode()


def other_action(files: Files, one: str, _: str) -> None:
    proof = json.loads(files[f"decisions/{one}/proof.json"])
    proof["entry"]["action"] = "decision withdrawn"
    proof["entry"]["digest"] = verify.digest_of(proof["entry"])
    files[f"decisions/{one}/proof.json"] = json.dumps(proof).encode()


def not_json(files: Files, one: str, _: str) -> None:
    files[f"decisions/{one}/proof.json"] = b"[" * 100_000


def odd_values(files: Files, one: str, _: str) -> None:
    proof = json.loads(files[f"decisions/{one}/proof.json"])
    proof["checkpoint"] = True
    files[f"decisions/{one}/proof.json"] = json.dumps(proof).encode()


def repeated_member(files: Files, one: str, _: str) -> None:
    name = f"decisions/{one}/proof.json"
    files[name] = files[name].replace(b'"other_entries":[]', b'"other_entries":[1],"other_entries":[]')


TAMPERINGS: list[Callable[[Files, str, str], None]] = [
    changed_document,
    swapped_documents,
    swapped_folders,
    dropped_entry,
    dropped_end,
    dropped_chain,
    changed_entry,
    relinked_document,
    rebuilt_chain,
    removed_decision,
    removed_document,
    changed_statement,
    changed_signature,
    removed_checkpoint,
    changed_policy,
    changed_product,
    changed_model,
    changed_sums,
    added_decision,
    listed_twice,
    second_entry,
    other_action,
    not_json,
    odd_values,
    repeated_member,
]


@pytest.mark.parametrize("tamper", TAMPERINGS, ids=lambda tamper: tamper.__name__)
def test_a_change_of_each_part_is_found_though_the_manifest_fits(
    made: Made, tmp_path: Path, tamper: Callable[[Files, str, str], None]
) -> None:
    """A forger adapts the manifest, and cannot sign it as the service."""
    files = dict(made.files)
    tamper(files, *made.decisions)
    assert files != made.files, "the tampering must change something"
    for forged in (sealed(files), sealed(files, FORGER)):
        code, output = quickly(tmp_path, forged, made.key)
        assert code == 1, output
        assert "CHANGED" in output
    code, output = quickly(tmp_path, sealed(files))
    assert code == 1, (
        output
    )  # also without a key: each of these is found by digests and the checkpoint's signature


@pytest.mark.parametrize("name", ["evidence.html", "README.txt", "verify.py"])
def test_a_changed_file_for_people_is_found(made: Made, tmp_path: Path, name: str) -> None:
    files = made.files | {name: made.files[name] + b" "}
    code, output = quickly(tmp_path, files, made.key)
    assert code == 1
    assert f"{name} was changed" in output
    code, output = quickly(tmp_path, sealed(files, FORGER), made.key)
    assert code == 1
    assert "manifest.json is signed with another key" in output


def test_a_decision_left_out_with_an_adapted_manifest_is_not_proven(made: Made, tmp_path: Path) -> None:
    one, _ = made.decisions
    files = dict(made.files)
    removed_decision(files, one, "")
    manifest = json.loads(files["manifest.json"])
    manifest["decisions"].remove(one)
    files["manifest.json"] = json.dumps(manifest).encode()
    code, output = quickly(tmp_path, sealed(files), made.key)
    assert code == 3
    assert "decisions may have been left out" in output
    files["signature.json"] = made.files["signature.json"]
    assert quickly(tmp_path, sealed(files) | {"signature.json": files["signature.json"]}, made.key)[0] == 1


def test_an_export_forged_with_another_key_needs_the_key_to_be_found(made: Made, tmp_path: Path) -> None:
    """The whole export is signed again: only the key from elsewhere reveals it."""
    files = dict(made.files)
    rebuilt_chain(files, *made.decisions)
    last = json.loads(files[of_chain(files)].splitlines()[-1])
    head = ChainHead(UUID(last["chain"]), last["sequence"], bytes.fromhex(last["digest"]))
    (original,) = asyncio.run(_checkpoints(made.lender))
    forged = replace(next_checkpoint(None, [head], at=original.checkpoint.at), number=1)
    files["checkpoints/1.txt"] = forged.statement()
    signed = {"key": FORGER.public_key.hex(), "signature": FORGER.sign(forged.statement()).hex()}
    files["checkpoints/1.json"] = json.dumps(signed).encode()
    files = sealed(files, FORGER)
    code, output = quickly(tmp_path, files)
    assert code == 3
    assert f"KEY NOT COMPARED: {FORGER.public_key.hex()}" in output
    code, output = quickly(tmp_path, files, made.key)
    assert code == 1
    assert "signed with another key than you gave" in output


async def _checkpoints(lender: Lender) -> list[Any]:
    return [signed async for signed in lender.checkpoints.all()]


@pytest.mark.parametrize(
    "name", ["../evil.txt", "/etc/passwd", "a/../../b", "C:\\evil", "decisions\\x", ".hidden", "a//b", "a\0b", "é"]
)
def test_unsafe_names_are_refused(made: Made, tmp_path: Path, name: str) -> None:
    place = tmp_path / "evidence.zip"
    with zipfile.ZipFile(place, "w") as package:
        for given, data in made.files.items():
            package.writestr(given, data)
        entry = zipfile.ZipInfo("placeholder")
        entry.filename = name
        package.writestr(entry, b"x")
    code, output = verify_in_clean_interpreter(place, "--key", made.key)
    assert code == 1, output
    assert "is not one of an export" in output
    assert not list(tmp_path.glob("evil*"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_contained_twice_is_refused(made: Made, tmp_path: Path) -> None:
    place = tmp_path / "evidence.zip"
    name = f"decisions/{made.decisions[0]}/document.json"
    with zipfile.ZipFile(place, "w") as package:
        package.writestr(name, b"{}")
        for given, data in made.files.items():
            package.writestr(given, data)
    code, output = verify_in_clean_interpreter(place, "--key", made.key)
    assert code == 1
    assert "contained twice" in output


@pytest.mark.parametrize(("before", "after"), [(b"PK\3\4", b""), (b"", b"PK\5\6"), (b"", b"x" * 30)])
def test_what_is_added_around_the_zip_file_is_refused(
    made: Made, tmp_path: Path, before: bytes, after: bytes
) -> None:
    """Programs differ in which of two lists of files they read."""
    place = tmp_path / "evidence.zip"
    place.write_bytes(before + zip_of(made.files) + after)
    code, output = verify_in_clean_interpreter(place, "--key", made.key)
    assert code in {1, 2}, output
    assert "RESULT: UNCHANGED" not in output


def test_no_text_of_an_export_reaches_the_terminal_unescaped(made: Made, tmp_path: Path) -> None:
    files = dict(made.files)
    (original,) = asyncio.run(_checkpoints(made.lender))
    statement = original.checkpoint.statement().replace(b"+00:00", b"\x1b[2J unchanged")
    files["checkpoints/1.txt"] = statement
    signed = {"key": FORGER.public_key.hex(), "signature": FORGER.sign(statement).hex()}
    files["checkpoints/1.json"] = json.dumps(signed).encode()
    code, output = quickly(tmp_path, sealed(files, FORGER))
    assert code == 3
    assert "\\x1b[2J" in output
    assert output.replace("\n", "").isprintable()


def test_a_symbolic_link_in_a_folder_is_refused(made: Made, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(zip_of(made.files))) as package:
        package.extractall(tmp_path)
    (tmp_path / "README.txt").unlink()
    (tmp_path / "README.txt").symlink_to("/etc/hostname")
    said: list[str] = []
    assert verify.verify(tmp_path, {made.key}, said.append) == 1
    assert "symbolic link" in said[-1]


def test_what_is_no_export_is_said_plainly(tmp_path: Path) -> None:
    place = tmp_path / "evidence.zip"
    place.write_bytes(b"not a zip file")
    code, output = verify_in_clean_interpreter(place)
    assert (code, "cannot be read" in output, "Traceback" in output) == (2, True, False)
    assert verify_in_clean_interpreter(place, "--key", "12")[0] == 2


@pytest.mark.parametrize(
    "changes",
    [
        {6: 255},  # extracting needs version 25.5
        {9: 8, 46: 255},  # a name that is said to be UTF-8, and is not
    ],
)
def test_a_directory_of_the_zip_file_that_cannot_be_read_is_said_plainly(
    made: Made, tmp_path: Path, changes: dict[int, int]
) -> None:
    package = bytearray(zip_of(made.files))
    directory = package.index(b"PK\x01\x02")
    for offset, value in changes.items():
        package[directory + offset] = value
    place = tmp_path / "evidence.zip"
    place.write_bytes(package)
    code, output = verify_in_clean_interpreter(place)
    assert (code, "cannot be read" in output, "Traceback" in output) == (2, True, False)


@pytest.mark.parametrize("value", [None, 5, "text", [5], {"a": 1}, True])
def test_a_manifest_with_odd_values_is_found(made: Made, tmp_path: Path, value: object) -> None:
    manifest = json.loads(made.files["manifest.json"])
    for member in manifest:
        content = json.dumps(manifest | {member: value}).encode()
        code, output = quickly(tmp_path, made.files | {"manifest.json": content}, made.key)
        assert code == 1, f"{member}: {output}"


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_flipped_bit_in_any_file_stays_unnoticed(
    made: Made, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = sorted(made.files)[data.draw(st.integers(0, len(made.files) - 1))]
    content = bytearray(made.files[name])
    content[data.draw(st.integers(0, 2**32)) % len(content)] ^= 1 << data.draw(st.integers(0, 7))
    code, output = quickly(tmp_path_factory.mktemp("flipped"), made.files | {name: bytes(content)}, made.key)
    assert code == 1, f"{name}: {output}"


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=25, deadline=None)
def test_signatures_are_verified_as_by_the_library(private: bytes, message: bytes, bit: int) -> None:
    signer, library = Ed25519Signer(private), Ed25519Signatures()
    signature = signer.sign(message)
    assert verify.is_signed(signer.public_key, message, signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    for key, text, given_signature in (
        (signer.public_key, message, bytes(flipped)),
        (signer.public_key, message + b".", signature),
        (FORGER.public_key, message, signature),
    ):
        assert not verify.is_signed(key, text, given_signature)
        assert not library.verify(key, text, given_signature)


def test_a_signature_with_a_larger_scalar_is_refused() -> None:
    """RFC 8032 has one signature for a message and key; adding the group's order to the scalar makes another."""
    signature = FORGER.sign(b"text")
    larger = int.from_bytes(signature[32:], "little") + verify.ORDER
    malleable = signature[:32] + larger.to_bytes(32, "little")
    assert not verify.is_signed(FORGER.public_key, b"text", malleable)


def test_a_decision_without_a_checkpoint_gets_one_if_the_actor_may(tmp_path: Path) -> None:
    lender, (decision_id,) = a_lender(1)
    selection = EvidenceSelection(identifiers=(decision_id,))
    files = files_of(export(lender, selection, by=RISK_MANAGER))
    code, output = quickly(tmp_path, files, lender.signer.public_key.hex())
    assert code == 3
    assert "no checkpoint covers the entry yet" in output
    files = files_of(export(lender, selection, by=AUDITOR))
    assert quickly(tmp_path, files, lender.signer.public_key.hex())[0] == 0


def test_no_checkpoint_is_made_after_one_of_another_signer(tmp_path: Path) -> None:
    lender, (decision_id,) = a_lender(1)
    lender.create_checkpoint(FORGER)
    files = files_of(export(lender, EvidenceSelection(identifiers=(decision_id,))))
    assert not [name for name in files if name.startswith("checkpoints/")]
    assert len(asyncio.run(_checkpoints(lender))) == 1


def test_an_altered_record_is_exported_and_found(tmp_path: Path) -> None:
    lender, (decision_id, _) = a_lender(2)
    lender.create_checkpoint()
    lender.decisions.alter(decision_id)
    files = files_of(export(lender, EvidenceSelection(identifiers=(decision_id,))))
    code, output = quickly(tmp_path, files, lender.signer.public_key.hex())
    assert code == 1
    assert "its document is not the one that was recorded" in output


def test_the_export_is_recorded_and_is_evidence_itself(tmp_path: Path) -> None:
    lender, (decision_id, _) = a_lender(2)
    lender.create_checkpoint()
    selection = EvidenceSelection(identifiers=(decision_id,))
    package = export(lender, selection)
    (event,) = lender.events(kinds=[EventKind.EVIDENCE_EXPORTED])
    assert (event.actor, event.subject) == ("Arthur", str(decision_id))
    assert event.details["sha256"] == sha256(package).hexdigest()
    assert event.details["manifest_sha256"] == sha256(files_of(package)["manifest.json"]).hexdigest()
    again = files_of(export(lender, selection))
    assert f"events/{event.event_id}/document.json" in again
    code, output = quickly(tmp_path, again, lender.signer.public_key.hex())
    assert code == 0, output
    assert f"event {event.event_id}: unchanged" in output
    del again[f"events/{event.event_id}/proof.json"]
    assert quickly(tmp_path, sealed(again), lender.signer.public_key.hex())[0] == 1


def test_without_a_record_there_is_no_export() -> None:
    lender, (decision_id,) = a_lender(1)

    class Refusing:
        async def record_event(self, event: object) -> None:
            raise EventRefused("the database user may not add to the audit trail")

    use_case = lender.use_cases.export_evidence
    refusing = replace(use_case, record_event=replace(use_case.record_event, events=Refusing()))
    with pytest.raises(ExportNotRecorded):
        asyncio.run(refusing(EvidenceSelection(identifiers=(decision_id,)), by=AUDITOR))


def test_selections() -> None:
    lender, identifiers = a_lender(2)
    lender.apply(SAFE)
    everything = files_of(export(lender, EvidenceSelection()))
    assert len(json.loads(everything["manifest.json"])["decisions"]) == 3
    wanted = DecisionFilter(outcome=Outcome.APPROVED)
    chosen = json.loads(files_of(export(lender, EvidenceSelection(wanted)))["manifest.json"])
    approved = [r for r in lender.decisions.records() if r.decision.outcome is Outcome.APPROVED]
    assert sorted(chosen["decisions"]) == sorted(str(record.decision_id) for record in approved)
    assert chosen["selection"] == "outcome approved"
    with pytest.raises(SelectionEmpty):
        export(lender, EvidenceSelection(DecisionFilter(requested_by="nobody")))
    with pytest.raises(SelectionTooLarge, match="1,001 decisions match, and an export has at most 1,000"):
        export(lender, EvidenceSelection(identifiers=tuple(uuid4() for _ in range(1001))))
    with pytest.raises(DecisionNotFound):
        export(lender, EvidenceSelection(identifiers=(identifiers[0], uuid4())))


def test_a_selection_above_the_limit_is_refused_with_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("application.use_cases.audit.export_evidence.MAX_DECISIONS", 2)
    lender, _ = a_lender(3)
    with pytest.raises(SelectionTooLarge, match="3 decisions match, and an export has at most 2"):
        export(lender, EvidenceSelection())


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR, Role.COMPLIANCE, Role.RISK_MANAGER}, key=str))
def test_other_roles_get_nothing(role: Role) -> None:
    lender, (decision_id,) = a_lender(1)
    for given_id in (decision_id, uuid4()):
        with pytest.raises(PermissionDenied):
            export(lender, EvidenceSelection(identifiers=(given_id,)), by=Actor(OFFICER.name, role))


def test_links_beyond_the_limit_are_left_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("application.use_cases.audit.evidence_writer.MAX_LINKS", 2)
    lender, identifiers = a_lender(4)
    lender.create_checkpoint()
    files = files_of(export(lender, EvidenceSelection(identifiers=(identifiers[0],))))
    code, output = quickly(tmp_path, files, lender.signer.public_key.hex())
    assert code == 3
    assert "entries lie between" in output


def test_the_pdf_is_rendered_in_another_process_and_equal_for_equal_content() -> None:
    lender, identifiers = a_lender(1)
    lender.create_checkpoint()
    use_case = replace(lender.use_cases.export_evidence, renderer=RenderedEvidence())
    lender.use_cases = replace(lender.use_cases, export_evidence=use_case)
    files = files_of(export(lender, EvidenceSelection(identifiers=tuple(identifiers))))
    assert files["evidence.pdf"].startswith(b"%PDF")
    assert json.loads(files["manifest.json"])["no_pdf"] == ""
    assert files["evidence.pdf"] == render_pdf(files["evidence.html"].decode())


def test_without_pango_the_export_says_so() -> None:
    """A library that is missing is an OSError when WeasyPrint is imported."""
    program = (
        "import sys; import adapters.documents.render_process as r\n"
        "def missing(html, **options): raise OSError('cannot load library libpango-1.0-0')\n"
        "r.render_pdf = missing; r.main()"
    )
    renderer = RenderedEvidence(DocumentProcess((sys.executable, "-c", program)))
    found = asyncio.run(renderer.render([RecordText("1", "Approved", ("<b>&",), ())], pdf=True))
    assert found.pdf is None
    assert "Pango is not installed" in found.no_pdf
    assert b"&lt;b&gt;&amp;" in found.html


def test_a_renderer_that_hangs_is_ended() -> None:
    renderer = RenderedEvidence(
        DocumentProcess((sys.executable, "-c", "import time; time.sleep(600)"), seconds=0.2)
    )
    with pytest.raises(RenderingFailed, match="not finished within"):
        asyncio.run(renderer.render([], pdf=True))


def test_a_pdf_that_takes_too_long_leaves_the_html() -> None:
    program = "import sys, time; sys.stdin.readline(); print('8\\nApproved', end='', flush=True); time.sleep(600)"
    renderer = RenderedEvidence(DocumentProcess((sys.executable, "-c", program), seconds=2))
    found = asyncio.run(renderer.render([RecordText("1", "Approved", (), ())], pdf=True))
    assert (found.pdf, found.no_pdf) == (None, "it was not finished within 2 s: export fewer decisions at a time")
    assert b"Approved" in found.html


def test_a_renderer_that_fails_says_why() -> None:
    command = (sys.executable, "-c", "raise SystemExit('no template')")
    renderer = RenderedEvidence(DocumentProcess(command))
    with pytest.raises(RenderingFailed, match="no template"):
        asyncio.run(renderer.render([], pdf=True))


def test_documents_load_nothing(tmp_path: Path) -> None:
    """A text that the template did not escape could otherwise read files of the service."""
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    html = f'<p>visible<img src="{secret.as_uri()}"><link rel="attachment" href="{secret.as_uri()}"></p>'
    assert b"secret" not in render_pdf(html)


def test_another_product_is_described_in_its_words_and_a_missing_model_is_stated(tmp_path: Path) -> None:
    lender = LenderThroughUseCases()
    lender.use_cases = lending_for_boats(lender.use_cases)
    answer = lender.apply(dict(BOAT_LOAN.example))
    assert answer is not None
    files = files_of(export(lender, EvidenceSelection(identifiers=(answer.decision_id,))))
    html = files["evidence.html"].decode()
    assert "Boat loan, version 3" in html
    assert "Sailing experience" in html
    code, output = quickly(tmp_path, files, lender.signer.public_key.hex())
    assert code == 3, output
    (missing,) = json.loads(files["manifest.json"])["left_out"]
    assert f"{missing}: NOT PROVEN. The service no longer has it" in output


def test_a_record_that_cannot_be_read_is_exported_with_its_bytes(tmp_path: Path) -> None:
    lender, (decision_id, _) = a_lender(2)
    lender.create_checkpoint()
    lender.decisions.damage(decision_id, "it is of a later release")
    files = files_of(export(lender, EvidenceSelection()))
    assert "it is of a later release" in files["evidence.html"].decode()
    code, output = quickly(tmp_path, files, lender.signer.public_key.hex())
    assert code == 0, output


@pytest.mark.parametrize("schema", [1, 2, 3])
def test_records_of_every_schema_are_exported_byte_for_byte(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, schema: int
) -> None:
    sample = (PROJECT / "tests" / "upgrades" / "documents" / f"decision-{schema}.json").read_bytes()
    record = decode(sample, UUID(json.loads(sample)["decision_id"]))
    lender = LenderThroughUseCases()
    monkeypatch.setattr("support.memory.decisions._document", lambda _: sample)
    asyncio.run(lender.decisions.record_all([record]))
    lender.create_checkpoint()
    files = files_of(export(lender, EvidenceSelection(identifiers=(record.decision_id,))))
    assert files[f"decisions/{record.decision_id}/document.json"] == sample
    code, output = quickly(tmp_path, files, lender.signer.public_key.hex())
    assert f"decision {record.decision_id}: unchanged" in output
    assert code == 3, output  # the model of the sample is not archived
