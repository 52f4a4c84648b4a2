"""GET /api/v1/decisions/{id}/reproduction."""

import asyncio
import gzip
import json
from dataclasses import replace
from uuid import UUID, uuid4

from adapters.persistence.decisions.documents import decode
from adapters.scoring.bundles.bundle import fingerprint_of
from domain.access.user import Role
from domain.decisions.decision_record import DecisionRecord
from domain.policies.version_1 import POLICY_1
from domain.policies.version_3 import POLICY_3
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT, champion_of_layout_1
from support.paths import PROJECT

DOCUMENTS_OF_0_1 = PROJECT / "tests" / "upgrades" / "samples" / "documents-of-0.1.txt.gz"


def keep(service) -> None:
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_3))


def decide(service, **changed) -> str:
    return service.ask(**changed).json()["request_id"]


def reproduction_of(service, identifier, role=Role.AUDITOR):
    return service.get(f"/api/v1/decisions/{identifier}/reproduction", role=role)


def test_a_reproduced_decision_is_equal_to_the_last_bit(service):
    keep(service)
    for changed in ({}, {"annual_inc": 9_000.0}, {"dti": 40.0}, {"term": "60 months", "revol_util": ...}):
        identifier = decide(service, **changed)
        content = reproduction_of(service, identifier)
        assert content.status_code == 200, content.text
        assert content.json() == {
            "decision_id": identifier,
            "identical": True,
            "fields_compared": content.json()["fields_compared"],
            "differences": [],
            "model_version": "1.2.0",
            "model_fingerprint": CHAMPION_FINGERPRINT,
            "policy_version": "3",
            "policy_fingerprint": POLICY_3.fingerprint,
        }
        assert content.json()["fields_compared"] > 20


def test_decisions_of_release_0_1_are_reproduced_by_their_own_method(service):
    """Their records have no half width, no outcome stability and one list of reasons."""
    files = champion_of_layout_1()
    asyncio.run(service.bundles.archive(fingerprint_of(files), files))
    asyncio.run(service.policies.archive(POLICY_1))
    records = documents_of_release_0_1()
    assert {record.decision.outcome.value for record in records} == {"approved", "referred", "declined"}
    for record in records:
        # The sample was made with another reference profile, so only what does not depend on it is compared.
        same_model = replace(record, model_fingerprint=fingerprint_of(files))
        asyncio.run(service.decisions.record(same_model))
        content = reproduction_of(service, record.decision_id).json()
        differing = {difference["field"].split("[")[0] for difference in content["differences"]}
        assert differing <= {"decision.reasons", "model_version"}, content["differences"]
        read = service.get(f"/api/v1/decisions/{record.decision_id}", role=Role.AUDITOR).json()["prediction"]
        assert (read["outcome_stability"], read["alternative"]) == (None, None)
        assert (read["rule_reasons"], read["score_reasons"]) == (None, None)


def documents_of_release_0_1() -> list[DecisionRecord]:
    documents = gzip.decompress(DOCUMENTS_OF_0_1.read_bytes()).decode().splitlines()
    return [decode(document, UUID(json.loads(document)["decision_id"])) for document in documents]


def test_fields_that_differ_from_the_record_are_named(service):
    keep(service)
    identifier = UUID(decide(service))
    record = service.decisions._records[identifier]
    changed = replace(record.decision, points=record.decision.points + 1)
    service.decisions._records[identifier] = replace(record, decision=changed)
    content = reproduction_of(service, identifier).json()
    assert content["identical"] is False
    (difference,) = content["differences"]
    points = record.decision.points
    assert difference == {"field": "decision.points", "recorded": str(points + 1), "reproduced": str(points)}


def test_an_unarchived_model_gets_409(service, problem):
    asyncio.run(service.policies.archive(POLICY_3))
    content = problem(reproduction_of(service, decide(service)), 409)
    assert content["type"].endswith("not-reproducible")
    assert f"Model {CHAMPION_FINGERPRINT} is not archived" in content["detail"]


def test_an_unarchived_policy_gets_409(service, problem):
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    assert "Policy 3" in problem(reproduction_of(service, decide(service)), 409)["detail"]


def test_an_unknown_decision_has_no_reproduction(service, problem):
    problem(reproduction_of(service, uuid4()), 404)


def test_it_needs_a_token(service, problem):
    problem(service.client.get(f"/api/v1/decisions/{uuid4()}/reproduction"), 401)
