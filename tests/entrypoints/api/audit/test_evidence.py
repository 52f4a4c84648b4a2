"""Evidence through the API: selections and their errors, downloads, and the search of the trail."""

import asyncio
import io
import json
import zipfile
from hashlib import sha256

import pytest

from domain.access.user import Actor, Role


def manifest_of(response):
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    assert response.headers["cache-control"] == "no-store"
    assert int(response.headers["content-length"]) == len(response.content)
    with zipfile.ZipFile(io.BytesIO(response.content)) as package:
        return json.loads(package.read("manifest.json"))


def post(service, body, *, role=Role.AUDITOR, **headers):
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = service.as_(role) | {"Content-Type": "application/json"} | headers
    return service.client.post("/api/v1/evidence", content=content, headers=sent)


def test_a_decision_is_exported_under_its_own_name(service):
    decision_id = service.ask().json()["request_id"]
    response = service.get(f"/api/v1/decisions/{decision_id}/evidence", role=Role.AUDITOR)
    assert manifest_of(response)["decisions"] == [decision_id]
    assert response.headers["content-disposition"] == f'attachment; filename="evidence-{decision_id}.zip"'


def test_asking_for_the_headers_exports_nothing(service):
    path = f"/api/v1/decisions/{service.ask().json()['request_id']}/evidence"
    assert service.client.head(path, headers=service.as_(Role.AUDITOR)).status_code == 200
    assert service.client.head(path, headers=service.as_(Role.LOAN_OFFICER)).status_code == 403
    events = service.get("/api/v1/audit/events?kind=evidence%20exported", role=Role.AUDITOR).json()
    assert events["events"] == []


def test_selections_are_those_of_the_list(service):
    first, second = (service.ask(loan_amnt=amount).json()["request_id"] for amount in (5_000, 9_000))
    assert manifest_of(post(service, {"minimum_amount": 6_000}))["decisions"] == [second]
    assert manifest_of(post(service, {"since": "2026-01-01"}))["decisions"] == [second, first]
    assert manifest_of(post(service, {"decision_ids": [first, first]}))["decisions"] == [first]
    assert manifest_of(post(service, {"outcome": None}))["selection"] == "all"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"outcom": "declined"}, "outcom"),
        ({"outcome": "lost"}, "outcome"),
        ({"since": "yesterday"}, "since"),
        ({"until": 5}, "until"),
        ({"decision_ids": []}, "decision_ids"),
        ({"decision_ids": "all"}, "decision_ids"),
        ({"decision_ids": ["01a2252d-ec04-718b-b565-bd9120057d61"], "grade": "A"}, "decision_ids"),
        ({"minimum_amount": "much"}, "minimum_amount"),
        (b'{"grade": "A", "grade": "B"}', "grade"),
    ],
)
def test_a_wrong_selection_is_rejected_with_its_field(service, problem, body, field):
    found = problem(post(service, body), 422)
    assert [error["field"] for error in found["errors"]] == [field]


def test_what_is_no_selection_is_rejected(service, problem):
    problem(post(service, b"[]"), 400)
    problem(post(service, b"{"), 400)
    problem(post(service, {}, **{"Content-Type": "text/plain"}), 415)
    problem(post(service, b'{"text":"' + b"x" * 70_000 + b'"}'), 413)
    assert "no decision matches" in problem(post(service, {}), 422)["detail"].lower()


def test_an_unknown_decision_is_not_exported_in_part(service, problem):
    known = service.ask().json()["request_id"]
    stranger = "01a2252d-ec04-718b-b565-bd9120057d61"
    problem(post(service, {"decision_ids": [known, stranger]}), 404)
    assert service.get("/api/v1/audit/events", role=Role.AUDITOR).json()["events"] == []


def test_the_trail_is_searched_by_kind_person_subject_and_time_in_pages(service):
    decisions = [service.ask().json()["request_id"] for _ in range(3)]
    for decision_id in decisions:
        service.get(f"/api/v1/decisions/{decision_id}/evidence", role=Role.AUDITOR)

    def found(query):
        response = service.get(f"/api/v1/audit/events{query}", role=Role.AUDITOR)
        assert response.status_code == 200, response.text
        return response

    subjects = [event["subject"] for event in found("?kind=evidence%20exported").json()["events"]]
    assert subjects == decisions[::-1]
    (event,) = found(f"?subject={decisions[1]}").json()["events"]
    assert (event["actor"], event["details"]["decisions"]) == ("broker", 1)
    assert len(found("?actor=broker").json()["events"]) == 3
    assert found("?actor=nina").json() == {"events": [], "next_cursor": None}
    assert found("?until=2020-01-01").json()["events"] == []
    page = found("?limit=2")
    rest = service.client.get(page.links["next"]["url"], headers=service.as_(Role.AUDITOR)).json()
    assert [each["subject"] for each in page.json()["events"] + rest["events"]] == subjects
    assert rest["next_cursor"] is None


def test_reports_of_verifications_are_listed_read_and_downloaded(service, problem):
    service.ask()
    verify = service.made.verify_audit_trail
    asyncio.run(verify(by=Actor("arthur", Role.AUDITOR)))
    (listed,) = service.get("/api/v1/audit/verifications", role=Role.AUDITOR).json()["verifications"]
    assert (listed["by"], listed["scope"], listed["result"], listed["violations"]) == (
        "arthur",
        "whole",
        "intact",
        0,
    )
    assert listed["trusted"]
    path = f"/api/v1/audit/verifications/{listed['verification_id']}"
    found = service.get(path, role=Role.AUDITOR).json()
    assert (found["verification"], found["fault"], found["report"]["entries"]) == (listed, "", 1)
    report = service.get(f"{path}/report", role=Role.AUDITOR)
    assert sha256(report.content).hexdigest() == listed["report_sha256"]
    assert "attachment" in report.headers["content-disposition"]
    problem(service.get("/api/v1/audit/verifications/not-an-identifier", role=Role.AUDITOR), 404)
