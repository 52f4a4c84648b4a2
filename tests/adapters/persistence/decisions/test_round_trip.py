"""Every record that the domain allows is read back from the database unchanged, to the last bit."""

import asyncio
import math
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapters.persistence.database.connections import database_engine
from adapters.persistence.decisions.decision_ledger import PostgresDecisionLedger
from adapters.persistence.decisions.documents import decode, encode
from application.ports.decisions.decision_ledger import RecordRefused
from domain.access.user import Actor, Role
from domain.applications.loan_application import LoanApplication, ProductVersion
from domain.applications.loan_terms import LoanTerms
from domain.applications.money import Money
from domain.decisions.decision import Decision
from domain.decisions.decision_record import DecisionRecord
from domain.models.prediction import Prediction
from domain.models.probability import PdInterval, ProbabilityOfDefault
from domain.policies.outcome import Confidence, Outcome
from domain.policies.reasons import AdverseActionReason
from support.builders import a_decision, a_decision_record, a_loan_application, an_actor
from support.databases import Store

words = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
finite = st.floats(allow_nan=False, allow_infinity=False)
not_negative = st.floats(min_value=0, allow_nan=False, allow_infinity=False)
chances = st.floats(min_value=0, max_value=1, exclude_min=True, exclude_max=True)
counts = st.integers(0, 10**6)
amounts = st.builds(Money, st.integers(0, 10**12 - 1))  # numeric(12, 2) ends at $9,999,999,999.99

applications = st.builds(
    LoanApplication,
    product=st.builds(ProductVersion, words, words),
    terms=st.builds(
        LoanTerms,
        amount=st.builds(Money, st.integers(1, 10**12 - 1)),
        term=st.integers(1, 600),
        purpose=words,
    ),
    applicant=st.dictionaries(words, st.none() | words | finite | st.integers(-(2**62), 2**62), max_size=10),
)
predictions = st.builds(
    Prediction,
    log_odds=finite,
    pd=st.builds(ProbabilityOfDefault, chances),
    interval=st.tuples(chances, chances).map(lambda ends: PdInterval(*sorted(ends))),
    base=finite,
    contributions=st.lists(finite, max_size=12).map(tuple),
    out_of_domain=st.lists(words, max_size=3).map(tuple),
)
verdicts = st.builds(
    Decision,
    outcome=st.sampled_from(Outcome),
    confidence=st.sampled_from(Confidence),
    default_predicted=st.booleans(),
    points=st.integers(-(2**31), 2**31 - 1),
    grade=words,
    annual_rate=finite,
    instalment=st.builds(Money, st.integers(0, 2**62)),
    recommended_amount=amounts,
    reasons=st.lists(st.builds(AdverseActionReason, words, words), max_size=4).map(tuple),
    failed_rules=st.lists(words, max_size=4).map(tuple),
    policy_version=words,
)
records = st.builds(
    DecisionRecord,
    decision_id=st.uuids(),
    decided_at=st.datetimes(datetime(1970, 1, 1), datetime(9999, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis adds the zone
    requested_by=st.builds(Actor, words, st.sampled_from(Role)),
    received_through=words,
    application=applications,
    prediction=predictions,
    decision=verdicts,
    model_version=words,
    model_fingerprint=words,
    policy_fingerprint=words,
)


@given(records)
@example(a_decision_record(requested_by=an_actor(name="two\nlines")))
def test_a_document_is_one_line_with_the_whole_record_and_always_the_same_bytes(
    record: DecisionRecord,
) -> None:
    document = encode(record)
    assert b"\n" not in document
    assert decode(document, record.decision_id) == record
    assert encode(decode(document, record.decision_id)) == document


def test_a_document_contains_every_part_of_a_record() -> None:
    record = a_decision_record()
    assert repr(decode(encode(record), record.decision_id)) == repr(record)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(records, min_size=1, max_size=8, unique_by=lambda record: record.decision_id))
@example([a_decision_record(requested_by=an_actor(name="two\nlines")), a_decision_record()])
def test_records_are_read_back_unchanged(migrated_url: str, batch: list[DecisionRecord]) -> None:
    async def there_and_back() -> None:
        engine = database_engine(migrated_url)
        ledger = PostgresDecisionLedger(migrated_url)
        store = Store.in_postgres(ledger, engine)
        try:
            new = [record for record in batch if await store.archive.find(record.decision_id) is None]
            await store.ledger.record_all(new)
            for record in new:
                assert await store.archive.find(record.decision_id) == record
            assert await store.violations() == []  # the columns agree with the documents too
        finally:
            await engine.dispose()

    asyncio.run(there_and_back())


@pytest.mark.parametrize(
    "record",
    [
        a_decision_record(requested_by=an_actor(name="nul \0")),
        a_decision_record(requested_by=an_actor(name="half \ud800")),
        a_decision_record(requested_by=an_actor(name="".join(f"{number:x}" for number in range(50_000)))),
        a_decision_record(decision=a_decision(points=2**31)),
        a_decision_record(application=a_loan_application(loan_amnt=10**10)),
    ],
    ids=["zero byte", "half a character", "endless name", "points beyond integers", "an amount beyond the column"],
)
async def test_a_record_that_the_database_cannot_store_is_refused_alone(
    postgres_store: Store, record: DecisionRecord
) -> None:
    others = [a_decision_record() for _ in range(5)]
    results = await asyncio.gather(
        *(postgres_store.ledger.record(one) for one in [*others, record]), return_exceptions=True
    )
    assert [type(result) for result in results] == [type(None)] * 5 + [RecordRefused]
    many = [a_decision_record() for _ in range(2_500)]
    with pytest.raises(RecordRefused):
        await postgres_store.ledger.record_all([*many, record])
    assert len([entry async for entry, _ in postgres_store.trail.entries()]) == 5
    assert await postgres_store.violations() == []


def test_floats_are_stored_exactly() -> None:
    for value in (0.1 + 0.2, math.nextafter(1, 0), 5e-324, -0.0, 1.7976931348623157e308):
        record = a_decision_record(decision=a_decision(annual_rate=value))
        assert decode(encode(record), record.decision_id).decision.annual_rate.hex() == value.hex()
