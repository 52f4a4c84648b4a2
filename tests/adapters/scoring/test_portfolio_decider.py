"""Single decisions and decisions by column are equal to the last bit, including their records."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.scoring.bundles.bundle import ModelBundle, load_bundle
from adapters.scoring.portfolio.portfolio_circumstances import (
    EXPOSURE,
    RELATED,
    REPORT_AGE,
    REPORT_DATE,
    SINCE_APPLICATION,
    SINCE_DECLINE,
    STATUS,
)
from adapters.scoring.portfolio.portfolio_decider import BLOCK_ROWS, TablePortfolioDecider
from adapters.scoring.portfolio.portfolio_decisions import DecidedColumns
from adapters.scoring.table_credit_model import TableCreditModel
from application.ports.batches.portfolio import Origin
from domain.access.user import Actor, Role
from domain.applications.loan_application import LoanApplication
from domain.applications.money import Money
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus, Circumstances
from domain.decisions.decision import decide
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import OUTCOMES, Outcome
from domain.policies.reasons import MAX_REASONS
from domain.policies.rules import Comparison, Rule
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.version_1 import POLICY_1
from domain.policies.version_2 import POLICY_2
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.quantities import Measure
from support.paths import CHAMPION

Loan = dict[str, Any]
WORDS = {
    name: list(PERSONAL_LOAN.field_by_name[name].choices) for name in ("emp_length", "home_ownership", "purpose")
}
SCHEMA = {
    "row": pl.Int64,
    "annual_inc": pl.Float64,
    "emp_length": pl.Enum(WORDS["emp_length"]),
    "home_ownership": pl.Enum(WORDS["home_ownership"]),
    "loan_amnt": pl.Float64,
    "term": pl.Int64,
    "purpose": pl.Enum(WORDS["purpose"]),
    "fico_range_low": pl.Float64,
    "fico_range_high": pl.Float64,
    "dti": pl.Float64,
    "revol_util": pl.Float64,
    "inq_last_6mths": pl.Float64,
    "delinq_2yrs": pl.Float64,
    "pub_rec": pl.Float64,
}
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
CLERK = Actor("clerk", Role.SERVICE)


def at_most(measure: str, limit: float, reason: str, otherwise: Outcome) -> Rule:
    return Rule(f"{measure} up to {limit}", measure, Comparison.AT_MOST, limit, reason, otherwise)


HARSH = replace(
    POLICY_2,
    version="harsh",
    rules=(
        *(at_most("FICO", 840 - step, list(PERSONAL_LOAN.reasons)[step], Outcome.DECLINED) for step in range(6)),
        at_most("debt to income after", 0.2, "EXCESSIVE_OBLIGATIONS", Outcome.REFERRED),
        at_most("loan to income", 0.2, "EXCESSIVE_OBLIGATIONS", Outcome.REFERRED),
        at_most("delinquencies in two years", 0, "TOO_MANY_DELINQUENCIES", Outcome.REFERRED),
    ),
)
LAX = replace(POLICY_2, version="lax", rules=())


@dataclass(frozen=True)
class DecisionComparison:
    """A bundle and a policy, applied singly and by column."""

    model: TableCreditModel
    decider: TablePortfolioDecider
    policy: ScoringPolicy

    def single(
        self, loans: Sequence[Loan], identifiers: Sequence[UUID], noted: Sequence[Circumstances] = ()
    ) -> list[DecisionRecord]:
        noted = noted or [NO_CIRCUMSTANCES] * len(loans)
        return [self._record(*each) for each in zip(loans, identifiers, noted, strict=True)]

    def by_column(self, loans: Sequence[Loan], noted: Sequence[Circumstances] = ()) -> DecidedColumns:
        return self.decider.decide_now(frame(loans).with_columns(columns_of(noted)))

    def _record(self, loan: Loan, identifier: UUID, noted: Circumstances) -> DecisionRecord:
        application = application_of(loan)
        characteristics = self.policy.product.characteristics_of(application)
        prediction = self.model.predict(characteristics)
        decision = decide(
            self.policy,
            characteristics,
            prediction,
            reference=self.model.reference_profile(self.policy.approve_below),
            risk_by_amount=self.model.risk_by_amount,
            circumstances=noted,
        )
        referred = decision.outcome is Outcome.REFERRED
        return DecisionRecord(
            decision_id=identifier,
            decided_at=NOW,
            requested_by=CLERK,
            received_through="file",
            application=application,
            prediction=prediction,
            decision=decision,
            model_version=self.model.version.version,
            model_fingerprint=self.model.version.fingerprint,
            policy_fingerprint=self.policy.fingerprint,
            product_fingerprint=self.policy.product.fingerprint,
            circumstances=noted,
            case_due_at=NOW + timedelta(hours=48) if referred else None,
        )


def frame(loans: Sequence[Loan]) -> pl.DataFrame:
    """Loans in the form of the file reader's accepted rows."""
    rows = [{"row": number, **loan} for number, loan in enumerate(loans, start=1)]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def columns_of(noted: Sequence[Circumstances]) -> list[pl.Series]:
    """Circumstances as the columns of a chunk; nothing known is null."""
    found = BureauStatus.FOUND
    columns: dict[str, tuple[list[Any], Any]] = {
        STATUS: ([None if each.bureau_status is found else each.bureau_status.value for each in noted], pl.String),
        REPORT_DATE: ([each.bureau_report_date for each in noted], pl.Date),
        REPORT_AGE: ([each.bureau_report_age_days for each in noted], pl.Int64),
        SINCE_APPLICATION: ([each.days_since_application for each in noted], pl.Float64),
        SINCE_DECLINE: ([each.days_since_decline for each in noted], pl.Float64),
        EXPOSURE: ([each.accepted_exposure and each.accepted_exposure.cents for each in noted], pl.Int64),
        RELATED: ([[str(other) for other in each.related] or None for each in noted], pl.List(pl.String)),
    }
    return [pl.Series(name, values, dtype) for name, (values, dtype) in columns.items() if noted]


def some_circumstances(count: int, seed: int = 3) -> list[Circumstances]:
    """Every second application has some, of every kind."""
    rng = np.random.default_rng(seed)
    days = [None, 0.5, 29.9, 30.0, 45.0]
    return [
        NO_CIRCUMSTANCES
        if number % 2
        else Circumstances(
            bureau_status=rng.choice(list(BureauStatus), p=(0.7, 0.1, 0.1, 0.1)),
            bureau_report_date=None if age is None else NOW.date() - timedelta(days=age),
            bureau_report_age_days=age,
            related=tuple(UUID(int=each) for each in range(int(rng.integers(3)))),
            days_since_application=days[rng.integers(len(days))],
            days_since_decline=days[rng.integers(len(days))] if rng.random() < 0.3 else None,
            accepted_exposure=(None, Money(2_500_000), Money(4_812_345))[rng.integers(3)],
        )
        for number in range(count)
        for age in [(None, 0, 30, 31)[rng.integers(4)]]
    ]


def application_of(loan: Loan) -> LoanApplication:
    """A loan application as the API builds it."""
    return PERSONAL_LOAN.application_from(loan | {"term": f"{loan['term']} months"})


def agree(both: DecisionComparison, loans: Sequence[Loan], noted: Sequence[Circumstances] = ()) -> None:
    """Records are equal to the last bit, and results agree with the records."""
    identifiers = [UUID(int=number) for number in range(len(loans))]
    expected = both.single(loans, identifiers, noted)
    decided = both.by_column(loans, noted)
    records = list(decided.records(identifiers, Origin(NOW, CLERK, "file")))
    for given_loan, one, many in zip(loans, expected, records, strict=True):
        assert msgspec.json.encode(many) == msgspec.json.encode(one), given_loan
    assert records == expected
    assert decided.results(identifiers).rows(named=True) == [
        result_of(number, record) for number, record in enumerate(expected, start=1)
    ]
    counted = {outcome: sum(r.decision.outcome is outcome for r in expected) for outcome in OUTCOMES}
    assert decided.outcomes == counted


def result_of(row: int, record: DecisionRecord) -> dict[str, Any]:
    pd, decision = record.prediction.pd.value, record.decision
    return {
        "row": row,
        "prediction": int(decision.default_predicted),
        "probability": 1 - pd,
        "confidence": decision.confidence.value,
        "recommended_amount": decision.recommended_amount.dollars,
        "risk_score": 100 * pd,
        "model_version": record.model_version,
        "probability_of_default": pd,
        "outcome": decision.outcome.value,
        "score_points": decision.points,
        "grade": decision.grade,
        "reason_codes": "|".join(reason.code for reason in decision.reasons),
        "policy_version": decision.policy_version,
        "decision_id": str(record.decision_id),
        "out_of_domain": "|".join(record.prediction.out_of_domain),
        "outcome_stability": decision.outcome_stability,
        "alternative_amount": decision.alternative.amount.dollars if decision.alternative else None,
        "alternative_term": decision.alternative.term if decision.alternative else None,
        **dict.fromkeys(("application_reference", "applicant_reference", "source", "channel")),
    }


def some_loans(count: int, seed: int = 5) -> list[Loan]:
    """Loans over the whole valid range, in which unusual values are common."""
    rng = np.random.default_rng(seed)
    low = rng.integers(600, 851, count)
    columns = {
        "annual_inc": np.where(rng.random(count) < 0.05, 0.0, np.exp(rng.normal(11, 0.8, count))),
        **{name: rng.choice(words, count) for name, words in WORDS.items()},
        "loan_amnt": rng.choice([500.0, 999.99, 1000.0, 1000.005, 35000.0, 35000.01, 0.0], count),
        "term": rng.choice([36, 60], count),
        "fico_range_low": low.astype(float),
        "fico_range_high": np.minimum(850, low + 4).astype(float),
        "dti": np.abs(rng.normal(18, 12, count)),
        "revol_util": rng.uniform(0, 130, count),
        "inq_last_6mths": rng.poisson(1.0, count).astype(float),
        "delinq_2yrs": rng.poisson(0.6, count).astype(float),
        "pub_rec": rng.poisson(0.3, count).astype(float),
    }
    ordinary = rng.random(count) < 0.8
    columns["loan_amnt"] = np.where(
        ordinary | (columns["loan_amnt"] == 0.0), rng.uniform(1, 40_000, count), columns["loan_amnt"]
    )
    loans = [
        dict(zip(columns, row, strict=True)) for row in zip(*(c.tolist() for c in columns.values()), strict=True)
    ]
    for loan in loans[::7]:
        loan["revol_util"] = None
    return loans


@pytest.fixture(scope="module")
def champion() -> ModelBundle:
    return load_bundle(CHAMPION, PERSONAL_LOAN)


@pytest.fixture(scope="module")
def both(champion: ModelBundle) -> DecisionComparison:
    return DecisionComparison(TableCreditModel(champion), TablePortfolioDecider(champion, POLICY_2), POLICY_2)


def basis(policy: ScoringPolicy, bundle: ModelBundle) -> DecisionComparison:
    return DecisionComparison(TableCreditModel(bundle), TablePortfolioDecider(bundle, policy), policy)


def test_thousands_of_loans_get_the_same_decisions_singly_and_by_column(both: DecisionComparison) -> None:
    loans = some_loans(3_000)
    agree(both, loans)
    decided = both.by_column(loans)
    assert all(number > 100 for number in decided.outcomes.values())
    results = decided.results(None)
    assert 20 < len(results) - results["alternative_amount"].null_count() < 1_000
    assert set(results["confidence"]) == {"low", "medium", "high"}


@pytest.mark.parametrize("policy", [HARSH, LAX, POLICY_1], ids=["harsh", "lax", "before schema 3"])
def test_another_policy_gives_the_same_decisions_singly_and_by_column(
    champion: ModelBundle, policy: ScoringPolicy
) -> None:
    agree(basis(policy, champion), some_loans(800, seed=6))


@pytest.mark.parametrize("policy", [POLICY_3, POLICY_2], ids=["with rules", "without own rules"])
def test_circumstances_give_the_same_decisions_singly_and_by_column(
    champion: ModelBundle, policy: ScoringPolicy
) -> None:
    loans = [loan | {"dti": loan["dti"] / 2, "annual_inc": loan["annual_inc"] * 2} for loan in some_loans(1_500)]
    noted = some_circumstances(len(loans))
    both = basis(policy, champion)
    agree(both, loans, noted)
    records = both.single(loans, [UUID(int=0)] * len(loans), noted)
    doubtful = [each for each in records if each.circumstances.bureau_status is not BureauStatus.FOUND]
    assert all(each.decision.outcome is not Outcome.APPROVED for each in doubtful)
    assert all(not each.decision.recommended_amount.cents and not each.decision.alternative for each in doubtful)
    failed = {name for each in records for name in each.decision.failed_rules}
    assert {rule.name for rule in policy.applied_rules[len(POLICY_2.rules) :]} <= failed


def test_measures_that_divide_by_zero_give_the_same_decisions_singly_and_by_column(champion: ModelBundle) -> None:
    """A definition with a ratio to a number that may be 0, and a rule on a field that the model does not use."""
    measures = (
        *PERSONAL_LOAN.measures,
        Measure("amount to debt", "amount / dti", "Amount to debt"),
        Measure("debt to delinquencies", "dti / delinq_2yrs", "Debt to delinquencies"),
        Measure("best score", "fico_range_high", "Best score"),
    )
    product = replace(PERSONAL_LOAN, measures=measures)
    rules = (
        at_most("amount to debt", 5_000, "AMOUNT_REQUESTED", Outcome.DECLINED),
        at_most("debt to delinquencies", 25, "DELINQUENCIES", Outcome.REFERRED),
        at_most("best score", 790, "CREDIT_BUREAU_SCORE", Outcome.REFERRED),
    )
    policy = replace(POLICY_2, version="ratios", rules=rules, product=product)
    loans = some_loans(600, seed=8)
    for loan in loans[::3]:
        loan["dti"] = 0.0
    agree(basis(policy, replace(champion, product=product)), loans)


def test_unseen_words_give_the_same_decisions_singly_and_by_column(champion: ModelBundle) -> None:
    """A model trained before LendingClub had the purpose `wedding`."""
    known = champion.manifest
    purposes = tuple("-" if word == "wedding" else word for word in known.categories["purpose"])
    usual = tuple(word for word in known.usual_categories["purpose"] if word != "wedding")
    manifest = msgspec.structs.replace(
        known,
        categories={**known.categories, "purpose": purposes},
        usual_categories={**known.usual_categories, "purpose": usual},
    )
    agree(basis(POLICY_2, replace(champion, manifest=manifest)), some_loans(400, seed=7))


def thresholds(bundle: ModelBundle) -> list[float]:
    return [float(value) for value in bundle.tables.thresholds if np.isfinite(value) and value > 0]


@st.composite
def loans_at_the_limits(draw: st.DrawFn) -> Loan:
    """Amounts, incomes and ratios at and next to the limits of model and policy."""
    cuts = st.sampled_from(thresholds(load_once()))
    close = st.tuples(cuts, st.sampled_from([0.0, 1.0, -1.0])).map(
        lambda cut: float(np.nextafter(cut[0], cut[0] + cut[1]))
    )
    fractions = st.floats(0, 1_000_000, allow_nan=False).map(abs)
    halves = st.integers(0, 10**8).map(lambda cents: cents / 100 + 0.005)
    low = draw(st.integers(300, 850))
    return {
        "annual_inc": draw(
            close | fractions | halves | st.sampled_from([0.0, 0.99, 1.0, 11_999.995, 12_000.0, 1e8])
        ),
        "emp_length": draw(st.sampled_from(WORDS["emp_length"])),
        "home_ownership": draw(st.sampled_from(WORDS["home_ownership"])),
        "loan_amnt": draw((close | halves | fractions).map(lambda amount: min(1e6, max(1.0, amount)))),
        "term": draw(st.sampled_from([36, 60])),
        "purpose": draw(st.sampled_from(WORDS["purpose"])),
        "fico_range_low": float(low),
        "fico_range_high": float(draw(st.integers(low, 850))),
        "dti": min(999.0, draw(close | st.floats(0, 999).map(abs))),
        "revol_util": draw(st.none() | close.map(lambda value: min(1000.0, value)) | st.floats(0, 1000).map(abs)),
        "inq_last_6mths": float(draw(st.integers(0, 100))),
        "delinq_2yrs": float(draw(st.integers(0, 100))),
        "pub_rec": float(draw(st.integers(0, 100))),
    }


_LOADED: list[ModelBundle] = []


def load_once() -> ModelBundle:
    if not _LOADED:
        _LOADED.append(load_bundle(CHAMPION, PERSONAL_LOAN))
    return _LOADED[0]


@settings(max_examples=60, deadline=None)
@given(loans=st.lists(loans_at_the_limits(), min_size=1, max_size=12))
def test_loans_at_the_limits_get_the_same_decisions_singly_and_by_column(
    both: DecisionComparison, loans: list[Loan]
) -> None:
    agree(both, loans)


def test_several_blocks_give_the_same_rows_as_single_row_chunks(both: DecisionComparison) -> None:
    loans = some_loans(200) * (2 * BLOCK_ROWS // 200 + 1)
    whole = both.by_column(loans).results(None).drop("row")
    part = both.by_column(loans[:200]).results(None).drop("row")
    assert len(whole) > 2 * BLOCK_ROWS
    assert whole[:200].equals(part)
    assert whole[-200:].equals(part)


def test_an_empty_chunk_gives_results_with_the_same_columns(both: DecisionComparison) -> None:
    nothing = both.by_column([])
    assert nothing.results(None).schema == both.by_column(some_loans(3)).results(None).schema
    assert nothing.outcomes == dict.fromkeys(OUTCOMES, 0)
    assert not list(nothing.records([], Origin(NOW, CLERK, "file")))


def test_unrecorded_results_have_no_decision_identifiers(both: DecisionComparison) -> None:
    assert both.by_column(some_loans(5)).results(None)["decision_id"].null_count() == 5


def test_reasons_are_at_most_four_and_only_for_those_not_approved(champion: ModelBundle) -> None:
    results = basis(HARSH, champion).by_column(some_loans(2_000)).results(None)
    given_reasons = results["reason_codes"].str.split("|").list.eval(pl.element().filter(pl.element() != "")).list
    assert given_reasons.len().max() == MAX_REASONS
    approved = results["outcome"] == "approved"
    assert set(results.filter(approved)["reason_codes"]) == {""}


def test_every_stated_reason_is_true_of_the_applicant(both: DecisionComparison) -> None:
    loans = some_loans(4_000, seed=9)
    results = both.by_column(loans).results(None)
    for loan, codes, outcome in zip(loans, results["reason_codes"], results["outcome"], strict=True):
        stated = set(codes.split("|")) - {""}
        assert bool(stated) == (outcome != "approved"), loan
        untrue = {
            "LENGTH_OF_EMPLOYMENT": loan["emp_length"] == "10+ years",
            "REVOLVING_CREDIT": loan["revol_util"] is None,
            "TERM_REQUESTED": loan["term"] == 36,
            "DELINQUENCIES": loan["delinq_2yrs"] == 0,
            "INQUIRIES": loan["inq_last_6mths"] == 0,
            "PUBLIC_RECORDS": loan["pub_rec"] == 0,
        }
        assert not stated & {code for code, is_untrue in untrue.items() if is_untrue}, loan


def test_every_alternative_would_be_approved_and_no_smaller_step_was_left(both: DecisionComparison) -> None:
    loans = some_loans(3_000, seed=10)
    decided = both.by_column(loans).results(None)
    proposed = [
        loan | {"loan_amnt": amount, "term": term}
        for loan, amount, term in zip(
            loans, decided["alternative_amount"], decided["alternative_term"], strict=True
        )
        if amount is not None
    ]
    assert len(proposed) > 30
    assert set(both.by_column(proposed).results(None)["outcome"]) == {"approved"}
    step = both.policy.pricing.amount_step
    more = [loan | {"loan_amnt": loan["loan_amnt"] + step} for loan in proposed]
    requested = [
        loan["loan_amnt"]
        for loan, amount in zip(loans, decided["alternative_amount"], strict=True)
        if amount is not None
    ]
    larger = both.by_column(more).results(None)["outcome"]
    for loan, asked, outcome in zip(more, requested, larger, strict=True):
        assert outcome != "approved" or loan["loan_amnt"] > asked


def test_where_no_amount_passes_there_is_an_alternative_if_one_passes_at_the_other_term(
    both: DecisionComparison,
) -> None:
    loans = some_loans(3_000, seed=11)
    decided = both.by_column(loans).results(None)
    nothing = [
        (loan, amount)
        for loan, recommended, amount in zip(
            loans, decided["recommended_amount"], decided["alternative_amount"], strict=True
        )
        if recommended == 0
    ]
    other = both.by_column([loan | {"term": 96 - loan["term"]} for loan, _ in nothing]).results(None)
    assert other["recommended_amount"].to_list() == [amount or 0.0 for _, amount in nothing]
