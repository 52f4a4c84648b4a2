"""Steps: evidence on decisions, and a receiver who verifies it."""

import json
from hashlib import sha256
from pathlib import Path

from pytest_bdd import given, parsers, then, when

from acceptance.lender import AUDITOR, Lender
from acceptance.scenario_state import ScenarioState
from adapters.evidence import verify
from adapters.security.audit_signing import Ed25519Signer
from domain.access.user import Actor, Role
from domain.audit.event import EventKind
from support.evidence import files_of, zip_of

UNCHANGED, CHANGED, NOT_PROVEN = 0, 1, 3
_PLACE = r"(?P<place>\d+)(st|nd|rd|th)"


def actor(role: str) -> Actor:
    return AUDITOR if role == "auditor" else Actor("Ruth", Role(role))


def result(state: ScenarioState, tmp_path: Path, *keys: str) -> int:
    """The exit code of the program that verifies the evidence."""
    place = tmp_path / "evidence.zip"
    place.write_bytes(state.evidence)
    return verify.verify(place, set(keys), lambda line: None)


def without_manifest(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: data for name, data in files.items() if name not in {"manifest.json", "signature.json"}}


def resealed(files: dict[str, bytes], *, left_out: str = "") -> bytes:
    """The evidence with a list of files that fits, which the forger cannot sign."""
    manifest = json.loads(files["manifest.json"])
    kept = without_manifest(files)
    manifest["files"] = {name: sha256(data).hexdigest() for name, data in kept.items()}
    manifest["decisions"] = [each for each in manifest["decisions"] if each != left_out]
    return zip_of(kept | {"manifest.json": json.dumps(manifest).encode()})


@given(parsers.re(rf"an intruder has altered the recommended amount of the {_PLACE} decision"))
def _(lender: Lender, state: ScenarioState, place: str) -> None:
    lender.decisions.alter(state.answers[int(place) - 1].decision_id)


@when(parsers.re(rf"the (?P<role>auditor|risk manager) exports evidence on the {_PLACE} decision"))
def _(lender: Lender, state: ScenarioState, role: str, place: str) -> None:
    evidence = lender.export_evidence(state.answers[int(place) - 1].decision_id, by=actor(role))
    assert evidence is not None
    state.evidence = evidence


@when(parsers.re(r"the (?P<role>auditor|risk manager) exports evidence on all decisions"))
def _(lender: Lender, state: ScenarioState, role: str) -> None:
    evidence = lender.export_evidence(None, by=actor(role))
    assert evidence is not None
    state.evidence = evidence


@when("a forger changes the record in the evidence and its list of files")
def _(state: ScenarioState) -> None:
    files = files_of(state.evidence)
    (name,) = [each for each in files if each.startswith("decisions/") and each.endswith("document.json")]
    files[name] = files[name].replace(b'"loan officer"', b'"auditor"')
    state.evidence = resealed(files)


@when(parsers.re(rf"a forger leaves the {_PLACE} decision out of the evidence and its list of files"))
def _(state: ScenarioState, place: str) -> None:
    decision = str(state.answers[int(place) - 1].decision_id)
    files = {name: data for name, data in files_of(state.evidence).items() if f"decisions/{decision}" not in name}
    state.evidence = resealed(files, left_out=decision)


@then(parsers.re(r"the evidence is on (?P<count>\d+) decisions? and is verified as unchanged"))
def _(lender: Lender, state: ScenarioState, tmp_path: Path, count: str) -> None:
    assert len(json.loads(files_of(state.evidence)["manifest.json"])["decisions"]) == int(count)
    assert result(state, tmp_path, lender.signer.public_key.hex()) == UNCHANGED


@then("the evidence is reported as changed")
def _(lender: Lender, state: ScenarioState, tmp_path: Path) -> None:
    assert result(state, tmp_path, lender.signer.public_key.hex()) == CHANGED


@then("the evidence is not proven")
def _(lender: Lender, state: ScenarioState, tmp_path: Path) -> None:
    assert result(state, tmp_path, lender.signer.public_key.hex()) == NOT_PROVEN


@then("without the service's key the evidence is not proven")
def _(state: ScenarioState, tmp_path: Path) -> None:
    assert result(state, tmp_path) == NOT_PROVEN


@then("with the key of another service the evidence is reported as changed")
def _(state: ScenarioState, tmp_path: Path) -> None:
    assert result(state, tmp_path, Ed25519Signer(b"o" * 32).public_key.hex()) == CHANGED


@then(parsers.re(rf"when the auditor exports evidence on the {_PLACE} decision, it is verified as unchanged"))
def _(lender: Lender, state: ScenarioState, tmp_path: Path, place: str) -> None:
    evidence = lender.export_evidence(state.answers[int(place) - 1].decision_id, by=AUDITOR)
    assert evidence is not None
    state.evidence = evidence
    assert result(state, tmp_path, lender.signer.public_key.hex()) == UNCHANGED


@then(parsers.re(rf"the audit trail shows that (?P<name>\w+) exported evidence on the {_PLACE} decision"))
def _(lender: Lender, state: ScenarioState, name: str, place: str) -> None:
    (event,) = lender.events(kinds=[EventKind.EVIDENCE_EXPORTED])
    assert (event.actor, event.subject) == (name, str(state.answers[int(place) - 1].decision_id))
    assert event.details["sha256"] == sha256(state.evidence).hexdigest()


@then(parsers.re(rf"exporting evidence on the {_PLACE} decision is (?P<allowed>\w+) for the (?P<role>.+)"))
def _(lender: Lender, state: ScenarioState, place: str, allowed: str, role: str) -> None:
    evidence = lender.export_evidence(state.answers[int(place) - 1].decision_id, by=actor(role))
    assert (evidence is not None) == (allowed == "allowed")
