"""Figures on the decisions of a period, over HTTP."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from domain.access.user import Role
from domain.applications.application_identity import NO_IDENTITY
from domain.applications.money import ZERO, Money
from domain.policies.outcome import Confidence, Outcome
from domain.policies.version_3 import POLICY_3
from support.builders import a_decision, a_decision_record, a_loan_application, a_prediction

DAY = datetime(2026, 3, 14, tzinfo=UTC)
PATH = "/api/v1/overview?from=2026-03-01&to=2026-04-01"


@pytest.fixture
async def three(service):
    """An approval at noon on the 14th; on the 15th a referral, and a decline for $3,000.50 by another model."""
    by_policy_3 = partial(a_decision, policy_version="3")
    approved = by_policy_3(
        outcome=Outcome.APPROVED, confidence=Confidence.HIGH, reasons=(), recommended_amount=Money(1_200_025)
    )
    declined = by_policy_3(outcome=Outcome.DECLINED, recommended_amount=ZERO)
    sure = a_prediction(log_odds=-3.0, out_of_domain=())
    for record in (
        a_decision_record(decided_at=DAY + timedelta(hours=12), decision=approved, prediction=sure),
        a_decision_record(decided_at=DAY + timedelta(days=1), decision=by_policy_3()),
        a_decision_record(
            decided_at=DAY + timedelta(days=1, hours=23, minutes=59),
            decision=declined,
            application=a_loan_application(loan_amnt=3_000.50),
            model_version="2016.1",
        ),
    ):
        await service.decisions.record(
            replace(record, trial=False, identity=replace(record.identity, application_reference=None))
        )


def test_an_overview_has_every_figure(service, three):
    asyncio.run(service.policies.archive(POLICY_3))
    response = service.get(PATH, role=Role.RISK_MANAGER)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    content = response.json()
    assert (content["from"], content["to"]) == ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")
    assert datetime.now(UTC) - datetime.fromisoformat(content["as_of"]) < timedelta(minutes=1)
    assert content["decisions"] == 3
    assert content["outcomes"] == {"approved": 1, "referred": 1, "declined": 1}
    assert content["shares"] == dict.fromkeys(("approved", "referred", "declined"), 1 / 3)
    assert content["step"] == "day"
    assert len(content["course"]) == 31
    assert {
        step["start"][:10]: step["outcomes"] for step in content["course"] if any(step["outcomes"].values())
    } == {
        "2026-03-14": {"approved": 1, "referred": 0, "declined": 0},
        "2026-03-15": {"approved": 0, "referred": 1, "declined": 1},
    }
    assert content["probability_of_default"] == [
        {"low": 0.04, "high": 0.05, "decisions": 1},
        {"low": 0.18, "high": 0.19, "decisions": 2},
    ]
    assert content["mean_probability_of_default"] == pytest.approx((0.0474 + 2 * 0.1824) / 3, abs=1e-4)
    assert (content["amount_requested"], content["amount_recommended"]) == (27_001.0, 20_500.25)
    policy_3 = {"policy_version": "3", "approve_below": 0.14, "decline_from": 0.21}
    assert (content["cut_offs"], content["deciding_cut_offs"]) == (policy_3, [policy_3])
    assert [(one["code"], one["decisions"], one["share"]) for one in content["reasons"]] == [
        ("INQUIRIES", 2, 2 / 3),
        ("OBLIGATIONS", 2, 2 / 3),
    ]
    assert [(one["model_version"], one["outcomes"]["declined"]) for one in content["versions"]] == [
        ("2015.3", 0),
        ("2016.1", 1),
    ]
    assert content["out_of_domain"] == {"decisions": 2, "share": 2 / 3}
    assert content["confidence"]["high"] == {"decisions": 1, "share": 1 / 3}
    assert content["confidence"]["low"]["decisions"] == 2
    assert content["before"] is None


def test_a_comparison_has_the_figures_of_the_period_before(service, three):
    content = service.get("/api/v1/overview?from=2026-03-15&to=2026-03-16&compare=true", role=Role.AUDITOR).json()
    before = content["before"]
    assert (content["decisions"], before["decisions"]) == (2, 1)
    assert (before["from"], before["to"]) == ("2026-03-14T00:00:00Z", "2026-03-15T00:00:00Z")
    assert before["outcomes"] == {"approved": 1, "referred": 0, "declined": 0}
    assert len(before["course"]) == len(content["course"]) == 24
    assert before["course"][12]["outcomes"]["approved"] == 1


@pytest.mark.parametrize(
    ("query", "decisions"),
    [
        ("channel=broker", 3),
        ("channel=branch", 0),
        ("received_through=api&source=loan-origination", 3),
        ("received_through=web", 0),
        ("grade=D", 3),
        ("grade=A&include_trials=true", 0),
        ("include_trials=true", 4),
        ("include_trials=false", 3),
    ],
)
def test_an_overview_has_filters(service, three, query, decisions):
    trial = a_decision_record(decided_at=DAY, identity=NO_IDENTITY, trial=True)
    asyncio.run(service.decisions.record(trial))
    assert service.get(f"{PATH}&{query}", role=Role.AUDITOR).json()["decisions"] == decisions


@pytest.mark.parametrize(
    "query", ["include_trials=perhaps", "compare=2", "channel=", "grade=%00", "source=" + 201 * "x"]
)
def test_an_invalid_filter_is_rejected(service, problem, query):
    content = problem(service.get(f"{PATH}&{query}", role=Role.AUDITOR), 400)
    assert [error["field"] for error in content["errors"]] == [query.partition("=")[0]]


def test_two_days_are_divided_into_hours(service, three):
    content = service.get(
        "/api/v1/overview?from=2026-03-14T06:30:00Z&to=2026-03-15T00:00:00Z", role=Role.AUDITOR
    ).json()
    assert (content["step"], len(content["course"])) == ("hour", 18)
    assert content["course"][0]["start"] == "2026-03-14T06:00:00Z"
    assert content["decisions"] == 1


def test_without_an_end_the_period_ends_now(service):
    service.ask()
    start = (datetime.now(UTC) - timedelta(days=30)).isoformat()
    content = service.get(f"/api/v1/overview?from={start}", role=Role.AUDITOR).json()
    assert content["decisions"] == 1
    assert content["to"] == content["as_of"]


def test_a_period_without_decisions_has_no_shares_and_no_mean(service):
    content = service.get(PATH, role=Role.LOAN_OFFICER).json()
    assert (content["decisions"], content["shares"], content["mean_probability_of_default"]) == (0, None, None)
    assert (content["reasons"], content["versions"], content["probability_of_default"]) == ([], [], [])


@pytest.mark.parametrize(
    ("query", "field", "message"),
    [
        ("", "from", "is missing"),
        ("from=yesterday", "from", "cannot be read"),
        ("from=2026-03-01&to=2026-03-01", "to", "must end after it starts"),
        ("from=2026-03-02&to=2026-03-01", "to", "must end after it starts"),
        ("from=2999-01-01", "from", "lies in the future"),
        ("from=2999-01-01&to=2999-02-01", "from", "lies in the future"),
        ("from=2024-01-01&to=2025-01-02", "to", "longer than 366 days"),
        ("from=0001-01-01", "to", "longer than 366 days"),
        ("from=2026-03-01&until=2026-03-02", "until", "is not a parameter"),
        ("from=2026-03-01&from=2026-03-02", "from", "given more than once"),
    ],
)
def test_an_invalid_period_is_rejected_with_its_error(service, problem, query, field, message):
    content = problem(service.get(f"/api/v1/overview?{query}", role=Role.AUDITOR), 400)
    ((found, why),) = [(error["field"], error["problem"]) for error in content["errors"]]
    assert found == field
    assert message in why


def test_an_overview_needs_a_token(service, problem):
    problem(service.client.get(PATH), 401)
