"""GET /api/v1/decisions/{id}/reproduction."""

import asyncio
from dataclasses import replace
from uuid import UUID, uuid4

from domain.access.user import Role
from domain.policies.version_1 import POLICY_1
from support.other_models import CHAMPION, CHAMPION_FINGERPRINT


def keep(service) -> None:
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    asyncio.run(service.policies.archive(POLICY_1))


def decide(service, **changed) -> str:
    return service.ask(**changed).json()["request_id"]


def reproduction_of(service, identifier, role=Role.AUDITOR):
    return service.get(f"/api/v1/decisions/{identifier}/reproduction", role=role)


def test_a_decision_made_again_is_the_same_to_the_last_bit(service):
    keep(service)
    for changed in ({}, {"annual_inc": 9_000.0}, {"dti": 40.0}, {"term": "60 months", "revol_util": ...}):
        identifier = decide(service, **changed)
        told = reproduction_of(service, identifier)
        assert told.status_code == 200, told.text
        assert told.json() == {
            "decision_id": identifier,
            "identical": True,
            "fields_compared": told.json()["fields_compared"],
            "differences": [],
            "model_version": "1.0.1",
            "model_fingerprint": CHAMPION_FINGERPRINT,
            "policy_version": "1",
            "policy_fingerprint": POLICY_1.fingerprint,
        }
        assert told.json()["fields_compared"] > 20


def test_what_does_not_come_out_as_recorded_is_named(service):
    keep(service)
    identifier = UUID(decide(service))
    record = service.decisions._records[identifier]
    changed = replace(record.decision, points=record.decision.points + 1)
    service.decisions._records[identifier] = replace(record, decision=changed)
    told = reproduction_of(service, identifier).json()
    assert told["identical"] is False
    (difference,) = told["differences"]
    points = record.decision.points
    assert difference == {"field": "decision.points", "recorded": str(points + 1), "reproduced": str(points)}


def test_a_model_that_is_not_kept_is_said_so(service, problem):
    asyncio.run(service.policies.archive(POLICY_1))
    told = problem(reproduction_of(service, decide(service)), 409)
    assert told["type"].endswith("not-reproducible")
    assert f"Model {CHAMPION_FINGERPRINT} is not archived" in told["detail"]


def test_a_policy_that_is_not_kept_is_said_so(service, problem):
    asyncio.run(service.bundles.archive(CHAMPION_FINGERPRINT, CHAMPION))
    assert "Policy 1" in problem(reproduction_of(service, decide(service)), 409)["detail"]


def test_there_is_no_reproduction_of_no_decision(service, problem):
    problem(reproduction_of(service, uuid4()), 404)


def test_it_needs_a_token(service, problem):
    problem(service.client.get(f"/api/v1/decisions/{uuid4()}/reproduction"), 401)
