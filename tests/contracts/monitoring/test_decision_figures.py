"""The contract of every source of decision figures."""

from datetime import UTC, datetime, timedelta

import pytest

from application.ports.monitoring.decision_figures import DecisionFigures
from domain.applications.application_identity import ApplicationIdentity
from domain.applications.money import ZERO, Money
from domain.decisions.decision_record import DecisionRecord
from domain.models.probability import ProbabilityOfDefault
from domain.monitoring.overview import Outcomes
from domain.monitoring.overview_filter import OverviewFilter
from domain.monitoring.period import Period
from domain.policies.outcome import Confidence, Outcome
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import (
    a_decision,
    a_decision_record,
    a_loan_application,
    a_prediction,
    a_reason,
    an_actor,
    an_identifier,
)
from support.databases import Store

START = datetime(2026, 3, 14, tzinfo=UTC)
A_WEEK = Period.between(START, START + timedelta(days=7))
A_MICROSECOND = timedelta(microseconds=1)
LOOKS_LIKE_REASONS = an_actor(name='"reasons":[{"code":"INCOME"}],"out_of_domain":[')
"""A username that would be counted as a reason by a careless text search."""


@pytest.fixture
def figures(store: Store) -> DecisionFigures:
    return store.figures


def decided(after: timedelta = timedelta(), pd: float = 0.18, **overrides: object) -> DecisionRecord:
    """A decision after the start of the week, for an applicant within the domain."""
    prediction = a_prediction(pd=ProbabilityOfDefault(pd), out_of_domain=())
    return a_decision_record(**{"decided_at": START + after, "prediction": prediction, "trial": False} | overrides)


async def test_a_period_without_decisions_has_an_empty_overview(figures: DecisionFigures) -> None:
    found = await figures.over(A_WEEK)
    assert found.outcomes == Outcomes()
    assert found.course == (Outcomes(),) * 7
    assert (found.mean_pd, found.requested, found.recommended) == (None, ZERO, ZERO)
    assert (found.reasons, found.versions, found.outside_domain) == ((), (), 0)


async def test_a_period_includes_its_start_and_not_its_end(store: Store, figures: DecisionFigures) -> None:
    for after in (-A_MICROSECOND, timedelta(), timedelta(days=7) - A_MICROSECOND, timedelta(days=7)):
        await store.ledger.record(decided(after))
    found = await figures.over(A_WEEK)
    assert found.outcomes.total == 2
    assert [outcomes.total for outcomes in found.course] == [1, 0, 0, 0, 0, 0, 1]


async def test_decisions_are_counted_by_their_time_and_not_by_their_identifiers(
    store: Store, figures: DecisionFigures
) -> None:
    """Identifiers of version 4, of another month and of the same month: only the time of the decision counts."""
    now = datetime.now(UTC)
    for decision_id in (an_identifier(now), an_identifier(now + timedelta(days=40)), an_identifier(START)):
        await store.ledger.record(decided(decision_id=decision_id))
    await store.ledger.record(decided())
    assert (await figures.over(A_WEEK)).outcomes.total == 4
    assert (await figures.over(Period.between(now, now + timedelta(days=60)))).outcomes.total == 0


async def test_outcomes_are_counted_hour_by_hour(store: Store, figures: DecisionFigures) -> None:
    for minutes, outcome in ((31, Outcome.APPROVED), (59, Outcome.DECLINED), (60, Outcome.REFERRED)):
        decision = a_decision(outcome=outcome)
        await store.ledger.record(decided(timedelta(minutes=minutes), decision=decision))
    half_past = START + timedelta(minutes=30)
    found = await figures.over(Period.between(half_past, half_past + timedelta(hours=2)))
    assert found.course == (Outcomes(approved=1, declined=1), Outcomes(referred=1), Outcomes())


@pytest.mark.parametrize(
    ("pd", "band"),
    [(0.1399999999999999, 13), (0.14, 14), (0.29, 29), (0.07, 7), (1e-9, 0), (0.9999, 99), (0.99, 99)],
)
async def test_a_pd_at_the_edge_of_a_band_is_in_the_band_above(
    store: Store, figures: DecisionFigures, pd: float, band: int
) -> None:
    await store.ledger.record(decided(pd=pd))
    found = await figures.over(A_WEEK)
    assert [place for place, count in enumerate(found.bands) if count] == [band]
    assert found.mean_pd == pd


async def test_each_reason_is_counted_once_per_decision_most_frequent_first(
    store: Store, figures: DecisionFigures
) -> None:
    given = (
        ("OBLIGATIONS", "INQUIRIES"),
        ("INQUIRIES", "PURPOSE", "INCOME", "OBLIGATIONS"),
        ("INQUIRIES",),
        (),
    )
    for codes in given:
        decision = a_decision(reasons=tuple(a_reason(code) for code in codes))
        await store.ledger.record(decided(decision=decision, requested_by=LOOKS_LIKE_REASONS))
    assert (await figures.over(A_WEEK)).reasons == (
        ("INQUIRIES", 3),
        ("OBLIGATIONS", 2),
        ("INCOME", 1),
        ("PURPOSE", 1),
    )


async def test_every_reason_code_can_be_counted(store: Store, figures: DecisionFigures) -> None:
    for code in PERSONAL_LOAN.reasons:
        await store.ledger.record(decided(decision=a_decision(reasons=(a_reason(code),))))
    assert dict((await figures.over(A_WEEK)).reasons) == dict.fromkeys(PERSONAL_LOAN.reasons, 1)


async def test_applicants_outside_the_domain_are_counted_once(store: Store, figures: DecisionFigures) -> None:
    for outside in ((), ("annual_inc",), ("annual_inc", "dti")):
        await store.ledger.record(
            decided(prediction=a_prediction(out_of_domain=outside), requested_by=LOOKS_LIKE_REASONS)
        )
    assert (await figures.over(A_WEEK)).outside_domain == 2


async def test_amounts_add_up_to_the_cent(store: Store, figures: DecisionFigures) -> None:
    for requested, recommended in ((3_500_033, 10), (100_001, 100_001), (1, 0)):
        decision = a_decision(recommended_amount=Money(recommended))
        await store.ledger.record(
            decided(application=a_loan_application(loan_amnt=requested / 100), decision=decision)
        )
    found = await figures.over(A_WEEK)
    assert (found.requested, found.recommended) == (Money(3_600_035), Money(100_011))


async def test_versions_and_confidences_are_counted_separately(store: Store, figures: DecisionFigures) -> None:
    for model, policy, outcome, confidence, pd in (
        ("2", "1", Outcome.DECLINED, Confidence.HIGH, 0.5),
        ("1", "2", Outcome.APPROVED, Confidence.MEDIUM, 0.1),
        ("1", "1", Outcome.APPROVED, Confidence.LOW, 0.25),
        ("1", "1", Outcome.REFERRED, Confidence.LOW, 0.125),
    ):
        decision = a_decision(outcome=outcome, confidence=confidence, policy_version=policy)
        await store.ledger.record(decided(pd=pd, decision=decision, model_version=model))
    found = await figures.over(A_WEEK)
    assert [(one.model_version, one.policy_version, one.outcomes, one.mean_pd) for one in found.versions] == [
        ("1", "1", Outcomes(1, 1, 0), 0.1875),
        ("1", "2", Outcomes(1, 0, 0), 0.1),
        ("2", "1", Outcomes(0, 0, 1), 0.5),
    ]
    assert found.confidences == {Confidence.HIGH: 1, Confidence.MEDIUM: 1, Confidence.LOW: 2}


async def test_a_period_equals_the_sum_of_its_parts(store: Store, figures: DecisionFigures) -> None:
    for hours in (1, 30, 31, 80, 160):
        await store.ledger.record(decided(timedelta(hours=hours), pd=hours / 256))
    cut, whole = START + timedelta(hours=30.5), await figures.over(A_WEEK)
    before = await figures.over(Period.between(A_WEEK.start, cut))
    after = await figures.over(Period.between(cut, A_WEEK.end))
    assert (before.outcomes.total, after.outcomes.total) == (2, 3)
    assert [one + other for one, other in zip(before.bands, after.bands, strict=True)] == list(whole.bands)
    assert before.requested.cents + after.requested.cents == whole.requested.cents


ORIGINS = (
    ("web", ApplicationIdentity(channel="branch", source="desk"), False),
    ("api", ApplicationIdentity(channel="branch"), False),
    ("api", ApplicationIdentity(channel="broker", source="desk"), True),
    ("api", ApplicationIdentity(), False),
)


@pytest.mark.parametrize(
    ("wanted", "total"),
    [
        (OverviewFilter(), 3),
        (OverviewFilter(include_trials=True), 4),
        (OverviewFilter(channel="branch"), 2),
        (OverviewFilter(channel="branch", source="desk"), 1),
        (OverviewFilter(channel="broker"), 0),
        (OverviewFilter(channel="broker", include_trials=True), 1),
        (OverviewFilter(received_through="api"), 2),
        (OverviewFilter(received_through="api", channel="branch", grade="E"), 1),
        (OverviewFilter(source="desk", include_trials=True), 2),
        (OverviewFilter(source="de"), 0),
        (OverviewFilter(source="\0"), 0),
        (OverviewFilter(grade="E"), 3),
        (OverviewFilter(grade="A"), 0),
    ],
)
async def test_an_overview_counts_what_meets_every_criterion(
    store: Store, figures: DecisionFigures, wanted: OverviewFilter, total: int
) -> None:
    for received_through, identity, trial in ORIGINS:
        await store.ledger.record(
            decided(
                received_through=received_through, identity=identity, trial=trial, decision=a_decision(grade="E")
            )
        )
    found = await figures.over(A_WEEK, wanted)
    assert found.outcomes.total == sum(found.bands) == sum(count.total for count in found.course) == total
    assert {count for _, count in found.reasons} <= {total}
