"""GET /api/v1/decisions/{id}/reproduction."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

from domain.access.user import Role
from domain.policies.version_2 import POLICY_2
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT


def keep(service) -> None:
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_2))


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
            "policy_version": "2",
            "policy_fingerprint": POLICY_2.fingerprint,
        }
        assert content.json()["fields_compared"] > 20


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
    asyncio.run(service.policies.archive(POLICY_2))
    content = problem(reproduction_of(service, decide(service)), 409)
    assert content["type"].endswith("not-reproducible")
    assert f"Model {CHAMPION_FINGERPRINT} is not archived" in content["detail"]


def test_an_unarchived_policy_gets_409(service, problem):
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    assert "Policy 2" in problem(reproduction_of(service, decide(service)), 409)["detail"]


def test_an_unknown_decision_has_no_reproduction(service, problem):
    problem(reproduction_of(service, uuid4()), 404)


def test_it_needs_a_token(service, problem):
    problem(service.client.get(f"/api/v1/decisions/{uuid4()}/reproduction"), 401)
