"""Recorded decisions are read over HTTP."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid4

import pytest

from domain.access.user import Role
from support.builders import a_decision_record


@pytest.fixture
def seven(service):
    """Seven decisions, oldest first; the third for $1,234, the others for $10,000."""
    requests = [service.ask(loan_amnt=1_234.0 if index == 2 else 10_000.0, purpose="car") for index in range(7)]
    return [response.json() for response in requests]


def test_a_decision_reads_back_as_it_was_returned(service):
    answer = service.ask(dti=33.3).json()
    response = service.get(f"/api/v1/decisions/{answer['request_id']}")
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    found = response.json()
    assert found["prediction"] == answer["prediction"]
    assert (found["request_id"], found["timestamp"]) == (answer["request_id"], answer["timestamp"])
    assert found["application"]["dti"] == 33.3
    assert (found["requested_by"], found["channel"]) == ("broker", "api")


async def test_every_field_of_a_record_is_returned(service):
    record = a_decision_record()
    await service.decisions.record(record)
    found = service.get(f"/api/v1/decisions/{record.decision_id}", role=Role.AUDITOR).json()
    prediction = found["prediction"]
    assert prediction["failed_rules"] == list(record.decision.failed_rules)
    assert prediction["out_of_domain"] == ["annual_inc", "dti"]
    assert [reason["code"] for reason in prediction["reasons"]] == ["OBLIGATIONS", "INQUIRIES"]
    assert (prediction["rule_reasons"], prediction["score_reasons"]) == (
        prediction["reasons"][:1],
        prediction["reasons"][1:],
    )
    assert prediction["outcome_stability"] == 0.62
    assert prediction["alternative"] == {
        "amount": 7000.0,
        "term": "36 months",
        "annual_rate": 0.1649,
        "instalment": 247.81,
    }
    assert (prediction["outcome"], prediction["confidence"]) == ("referred", "low")
    assert (prediction["instalment"], prediction["recommended_amount"]) == (433.79, 8500.0)
    assert found["model_fingerprint"] == record.model_fingerprint


def test_an_unknown_decision_gets_404(service, problem):
    content = problem(service.get(f"/api/v1/decisions/{uuid4()}"), 404)
    assert content["type"] == "urn:credit-scoring:problem:no-such-decision"


@pytest.mark.parametrize("what", ["", "/reproduction", "/counterfactual"])
def test_an_invalid_decision_identifier_gets_404(service, problem, what):
    content = problem(service.get(f"/api/v1/decisions/not-a-uuid{what}"), 404)
    assert content["type"] == "urn:credit-scoring:problem:no-such-decision"
    assert content["detail"] == "There is no decision not-a-uuid: an identifier is a UUID."


def test_an_unknown_path_below_a_decision_gets_404(service, problem):
    content = problem(service.get(f"/api/v1/decisions/{uuid4()}/nothing"), 404)
    assert content["type"] == "urn:credit-scoring:problem:not-found"


def test_a_long_or_unprintable_identifier_gets_404(service, problem):
    for given in ("%ff", "x" * 3000, "caf%C3%A9"):
        content = problem(service.get(f"/api/v1/decisions/{given}"), 404)
        assert content["type"] == "urn:credit-scoring:problem:no-such-decision"
        assert len(content["detail"]) < 120


def test_links_lead_through_all_pages(service, seven):
    seen, path, pages = [], "/api/v1/decisions?limit=3&outcome=approved", 0
    while path:
        response = service.get(path)
        page = response.json()
        seen += [one["request_id"] for one in page["decisions"]]
        link = response.headers.get("link")
        assert (link is None) == (page["next_cursor"] is None)
        path = link.removeprefix("<").removesuffix('>; rel="next"') if link else None
        pages += 1
    approved = [one["request_id"] for one in seven if one["prediction"]["outcome"] == "approved"]
    assert sorted(seen) == sorted(approved)
    assert pages == 3
    assert page["total"] == len(approved)


def test_decisions_are_listed_newest_first(service, seven):
    page = service.get("/api/v1/decisions").json()
    times = [datetime.fromisoformat(one["timestamp"]) for one in page["decisions"]]
    assert times == sorted(times, reverse=True)
    assert page["next_cursor"] is None


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("outcome=declined", 0),
        ("maximum_amount=2000", 1),
        ("minimum_amount=2000", 6),
        ("minimum_amount=1234&maximum_amount=1234", 1),
        ("since=2001-01-01", 7),
        ("since=2001-01-01T00:00:00Z&until=2001-01-02T00:00:00%2B02:00", 0),
        ("since=2001-01-01T00:00:00+02:00", 7),
        ("requested_by=broker", 7),
        ("requested_by=stranger", 0),
        ("text=car", 7),
        ("grade=Z", 0),
        ("since=2026-03-01&until=2026-03-01", 0),
        ("", 7),
    ],
)
def test_filters_select_decisions(service, seven, query, expected):
    page = service.get(f"/api/v1/decisions?{query}").json()
    assert (page["total"], len(page["decisions"])) == (expected, expected)


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("limit=0", ["limit"]),
        ("limit=201", ["limit"]),
        ("limit=" + "9" * 5000, ["limit"]),
        ("limit=ten&since=yesterday&outcome=maybe", ["limit", "since", "outcome"]),
        ("minimum_amount=nan", ["minimum_amount"]),
        ("minimum_amount=-1", ["minimum_amount"]),
        ("since=0001-01-01T00:00:00%2B23:00", ["since"]),
        ("text=%00", ["text"]),
        ("text=", ["text"]),
        ("cursor=%ff", ["cursor"]),
        ("cursor=nonsense", ["cursor"]),
        ("outcom=approved", ["outcom"]),
        ("since=2026-03-02&until=2026-03-01", ["until"]),
        ("minimum_amount=2000&maximum_amount=1999.99", ["maximum_amount"]),
        ("minimum_amount=2&maximum_amount=1&since=2026-03-02&until=2026-03-01", ["until", "maximum_amount"]),
        ("minimum_amount=2&maximum_amount=1&limit=0", ["limit", "maximum_amount"]),
        ("grade=A&grade=B", ["grade"]),
        ("&".join(f"a{index}=1" for index in range(200)), [""]),
    ],
)
def test_an_invalid_query_names_every_error(service, problem, query, fields):
    content = problem(service.get(f"/api/v1/decisions?{query}"), 400)
    assert [error["field"] for error in content["errors"]] == fields


def test_a_reversed_range_names_both_ends(service, problem):
    query = "minimum_amount=2000&maximum_amount=1000&since=2026-03-02&until=2026-03-01"
    until, most = problem(service.get(f"/api/v1/decisions?{query}"), 400)["errors"]
    assert until == {
        "field": "until",
        "problem": "is before since, which is 2026-03-02T00:00:00Z",
        "allowed": "since or later",
        "value": "2026-03-01T00:00:00Z",
    }
    assert most == {
        "field": "maximum_amount",
        "problem": "is below minimum_amount, which is 2000.0",
        "allowed": "minimum_amount or more",
        "value": 1000.0,
    }


@pytest.mark.parametrize("path", ["/api/v1/decisions", "/api/v1/decisions/01a2094f-0353-7b58-be79-9c94d50d1d23"])
def test_reading_decisions_needs_a_token(service, problem, path):
    response = service.client.get(path)
    problem(response, 401)
    assert response.headers["www-authenticate"] == 'Bearer realm="credit-scoring"'


def test_an_auditor_may_read_but_not_decide(service, problem):
    assert service.get("/api/v1/decisions", role=Role.AUDITOR).status_code == 200
    content = problem(service.ask(role=Role.AUDITOR), 403)
    assert content["detail"] == "broker (auditor) may not assess loan applications"


def test_head_responds_like_get_without_the_body(service, seven):
    response = service.client.head("/api/v1/decisions", headers=service.as_(Role.SERVICE))
    assert (response.status_code, response.content) == (200, b"")


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("minimum_amount=0&maximum_amount=null", ["maximum_amount"]),
        ("minimum_amount=0&maximum_amount=&maximum_amount=4", ["maximum_amount"]),
        ("since=2026-01-01&until=x&until=2026-02-01", ["until"]),
        ("since=x&since=2026-01-01&until=2026-02-01", ["since"]),
        ("cursor=null&limit=201&minimum_amount=0&maximum_amount=null", ["limit", "maximum_amount"]),
        ("outcome=null", ["outcome"]),
        ("since=NULL", ["since"]),
        ("limit=null", ["limit"]),
        ("limit=1e2", ["limit"]),
        ("limit=5.0", ["limit"]),
    ],
)
def test_values_that_only_look_acceptable_are_named(service, problem, query, wrong):
    content = problem(service.get(f"/api/v1/decisions?{query}"), 400)
    assert {error["field"] for error in content["errors"]} == set(wrong)


@pytest.mark.parametrize(
    "path", ["/api/v1/batches?cursor", "/api/v1/batches?before", "/api/v1/webhooks/dead-letters?cursor"]
)
def test_null_is_not_a_cursor(service, problem, path):
    content = problem(service.get(f"{path}=null"), 400)
    assert content["type"] == "urn:credit-scoring:problem:invalid-query"


def test_null_is_a_text_like_any_other(service):
    assert service.get("/api/v1/decisions?requested_by=null").json()["decisions"] == []


@pytest.mark.parametrize("what", ["", "/reproduction", "/counterfactual"])
def test_a_decision_whose_document_cannot_be_read_gets_a_problem_that_says_why(service, problem, what):
    answer = service.ask().json()
    service.decisions.damage(UUID(answer["request_id"]), "it is not valid JSON")
    content = problem(service.get(f"/api/v1/decisions/{answer['request_id']}{what}", role=Role.AUDITOR), 500)
    assert content["type"] == "urn:credit-scoring:problem:decision-unreadable"
    assert "it is not valid JSON" in content["detail"]
    assert "0" * 64 in content["detail"]


def test_a_decision_whose_document_cannot_be_read_is_listed_as_such(service, seven):
    damaged = seven[3]["request_id"]
    service.decisions.damage(UUID(damaged), "it is not valid JSON")
    page = service.get("/api/v1/decisions").json()
    assert len(page["decisions"]) == 6
    assert page["total"] == 7
    assert page["unreadable"] == [
        {
            "decision_id": damaged,
            "timestamp": seven[3]["timestamp"],
            "requested_by": "broker",
            "document_digest": "0" * 64,
            "problem": "it is not valid JSON",
        }
    ]


async def test_an_unreadable_decision_of_another_caller_is_not_shown(service, problem):
    record = a_decision_record()
    await service.decisions.record(record)
    service.decisions.damage(record.decision_id, "it is not valid JSON")
    content = problem(service.get(f"/api/v1/decisions/{record.decision_id}"), 404)
    assert content["type"] == "urn:credit-scoring:problem:no-such-decision"


@pytest.mark.parametrize("what", ["", "/reproduction", "/counterfactual"])
async def test_a_record_that_is_not_of_its_product_is_unreadable(service, problem, what):
    record = a_decision_record()
    application = replace(record.application, applicant={"age": 40})
    await service.decisions.record(replace(record, application=application))
    page = service.get("/api/v1/decisions", role=Role.AUDITOR).json()
    assert [one["decision_id"] for one in page["unreadable"]] == [str(record.decision_id)]
    assert (page["decisions"], page["total"]) == ([], 1)
    answer = service.get(f"/api/v1/decisions/{record.decision_id}{what}", role=Role.AUDITOR)
    content = problem(answer, 500)
    assert content["type"] == "urn:credit-scoring:problem:decision-unreadable"
    assert "does not have the fields of personal_loan 1" in content["detail"]
