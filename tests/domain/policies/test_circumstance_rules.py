"""Rules on circumstances: missing or doubtful data never approves, and exposure limits the amount."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from domain.access.user import Role
from domain.applications.money import Money
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauReportInFuture, BureauStatus, Circumstances
from domain.decisions.counterfactual import CounterfactualContext, find_counterfactual
from domain.decisions.decision import Decision, decide
from domain.policies.circumstance_measures import (
    CIRCUMSTANCE_MEASURES,
    CIRCUMSTANCE_REASONS,
    EXPOSURE,
    LIMITS,
    USUAL_FACTS,
)
from domain.policies.outcome import Outcome
from domain.policies.policy_file import policy_in_file
from domain.policies.rules import Comparison, InvalidLimit, Rule, UnknownMeasure, UnknownReason
from domain.policies.scoring_policy import ScoringPolicy
from domain.policies.stored_policy import in_present_schema
from domain.policies.version_1 import POLICY_1
from domain.policies.version_2 import POLICY_2
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN
from domain.products.stored_product import read_product
from support.paths import CHAMPION, PROJECT

APPLICATION = PERSONAL_LOAN.application_from(PERSONAL_LOAN.example)
POLICIES = (POLICY_1, POLICY_2, POLICY_3)


@cache
def model() -> TableCreditModel:
    return TableCreditModel(load_bundle(CHAMPION, PERSONAL_LOAN))


def decided(circumstances: Circumstances, policy: ScoringPolicy = POLICY_3, **values: object) -> Decision:
    """The decision on the product's example, with other values."""
    inputs = PERSONAL_LOAN.characteristics_of(PERSONAL_LOAN.application_from(dict(PERSONAL_LOAN.example) | values))
    return decide(
        policy,
        inputs,
        model().predict(inputs),
        reference=model().reference_profile(policy.approve_below),
        risk_by_amount=model().risk_by_amount,
        circumstances=circumstances,
    )


def codes(decision: Decision) -> list[str]:
    return [reason.code for reason in decision.reasons]


def test_the_example_is_approved_without_circumstances() -> None:
    assert decided(NO_CIRCUMSTANCES).outcome is Outcome.APPROVED
    assert decided(NO_CIRCUMSTANCES) == replace(decided(NO_CIRCUMSTANCES, POLICY_2), policy_version="3")


@pytest.mark.parametrize(
    ("circumstances", "rule", "reason"),
    [
        (Circumstances(BureauStatus.MISSING), "the credit bureau has a result", "UNABLE_TO_VERIFY_BUREAU"),
        (
            Circumstances(BureauStatus.FROZEN),
            "the credit bureau's file is not frozen",
            "UNABLE_TO_VERIFY_FROZEN_FILE",
        ),
        (
            Circumstances(BureauStatus.DISPUTED),
            "the credit bureau's data are not disputed",
            "UNABLE_TO_VERIFY_DISPUTED_DATA",
        ),
        (
            Circumstances(bureau_report_age_days=31),
            "the credit bureau's report is recent",
            "UNABLE_TO_VERIFY_STALE_REPORT",
        ),
        (
            Circumstances(days_since_application=29.9),
            "the applicant has no other recent application",
            "DUPLICATE_APPLICATION",
        ),
    ],
)
def test_each_circumstance_refers_by_its_own_rule_and_reason(
    circumstances: Circumstances, rule: str, reason: str
) -> None:
    decision = decided(circumstances)
    assert (decision.outcome, decision.failed_rules, codes(decision)) == (Outcome.REFERRED, (rule,), [reason])
    assert (decision.recommended_amount, decision.alternative) == (Money(0), None)
    assert decision.reasons[0] == CIRCUMSTANCE_REASONS[reason]


def test_a_recent_decline_declines_and_comes_before_the_second_application() -> None:
    decision = decided(Circumstances(days_since_application=3, days_since_decline=3))
    assert (decision.outcome, codes(decision)) == (Outcome.DECLINED, ["COOLING_OFF_AFTER_DECLINE"])
    assert len(decision.failed_rules) == 2


@pytest.mark.parametrize(
    "circumstances",
    [
        Circumstances(bureau_report_age_days=30),
        Circumstances(days_since_application=30, days_since_decline=30),
        Circumstances(accepted_exposure=Money(4_000_000)),
        Circumstances(),
    ],
)
def test_what_a_rule_allows_approves(circumstances: Circumstances) -> None:
    assert decided(circumstances) == decided(NO_CIRCUMSTANCES)


def test_the_exposure_limits_the_amount() -> None:
    decision = decided(Circumstances(accepted_exposure=Money(4_200_000)))
    assert (decision.outcome, codes(decision)) == (Outcome.DECLINED, ["EXPOSURE_LIMIT"])
    assert decision.recommended_amount == Money(800_000)
    assert decided(Circumstances(accepted_exposure=Money(4_950_000))).recommended_amount == Money(0)


@pytest.mark.parametrize("policy", [POLICY_1, POLICY_2], ids=["1", "2"])
def test_policies_without_bureau_rules_refer_doubtful_data_too(policy: ScoringPolicy) -> None:
    for status, rule in zip(list(BureauStatus)[1:], policy.applied_rules[-3:], strict=True):
        decision = decided(Circumstances(status), policy)
        assert (decision.outcome, decision.failed_rules) == (Outcome.REFERRED, (rule.name,))
        assert decision.reasons[0].text.startswith("Unable to verify")
    assert decided(Circumstances(bureau_report_age_days=400), policy).outcome is Outcome.APPROVED


@given(
    policy=st.sampled_from(POLICIES),
    status=st.sampled_from(list(BureauStatus)[1:]),
    age=st.none() | st.integers(0, 100),
    exposure=st.none() | st.integers(0, 10_000_000).map(Money),
    days=st.tuples(*[st.none() | st.floats(0, 100)] * 2),
    income=st.integers(15_000, 500_000),
    amount=st.integers(1_000, 35_000),
    fico=st.integers(600, 846),
)
def test_missing_or_doubtful_data_never_approve(  # noqa: PLR0917  # what an application varies in
    policy: ScoringPolicy,
    status: BureauStatus,
    age: int | None,
    exposure: Money | None,
    days: Sequence[float | None],
    income: int,
    amount: int,
    fico: int,
) -> None:
    circumstances = Circumstances(status, None, age, (), *days, exposure)
    values = {"annual_inc": income, "loan_amnt": amount, "fico_range_low": fico, "fico_range_high": fico + 4}
    decision = decided(circumstances, policy, **values)
    usual = decided(NO_CIRCUMSTANCES, policy, **values)
    assert decision.outcome is not Outcome.APPROVED
    assert (decision.recommended_amount, decision.alternative) == (Money(0), None)
    assert decision.outcome.severity >= usual.outcome.severity
    assert set(usual.failed_rules) < set(decision.failed_rules)
    assert decision.reasons


def test_an_empty_utilization_is_not_missing_data() -> None:
    decision = decided(NO_CIRCUMSTANCES, revol_util=None)
    assert (decision.outcome, decision.failed_rules) == (Outcome.APPROVED, ())


def test_no_change_of_the_application_is_suggested_for_doubtful_data() -> None:
    policy, reference = POLICY_3, model().reference_profile(POLICY_3.approve_below)

    def suggested(circumstances: Circumstances) -> list[str]:
        context = CounterfactualContext(policy, model().predict, model().risk_by_amount, reference, circumstances)
        return [change.name for found in find_counterfactual(APPLICATION, context) for change in found.changes]

    for status in list(BureauStatus)[1:]:
        assert suggested(Circumstances(status)) == []
    assert suggested(Circumstances(bureau_report_age_days=31)) == []
    assert suggested(Circumstances(days_since_application=1)) == []
    assert suggested(Circumstances(accepted_exposure=Money(4_200_000))) == ["loan_amnt"]


def test_the_age_of_the_report_is_in_whole_days_by_utc() -> None:
    now = datetime(2026, 3, 14, 23, 59, tzinfo=UTC)
    given_date = Circumstances(bureau_report_date=date(2026, 2, 12))
    assert given_date.at(now).bureau_report_age_days == 30
    assert Circumstances(bureau_report_date=now.date()).at(now).bureau_report_age_days == 0
    assert NO_CIRCUMSTANCES.at(now) is NO_CIRCUMSTANCES
    with pytest.raises(BureauReportInFuture, match=r"is of 2026-03-15, after today, 2026-03-14 \(UTC\)"):
        Circumstances(bureau_report_date=date(2026, 3, 15)).at(now)


def test_facts_are_in_the_order_of_the_measures() -> None:
    assert NO_CIRCUMSTANCES.facts is USUAL_FACTS
    assert Circumstances().facts == USUAL_FACTS
    assert len(USUAL_FACTS) == len(CIRCUMSTANCE_MEASURES)
    everything = Circumstances(BureauStatus.FROZEN, None, 3, (), 1.5, 2.5, Money(150))
    assert everything.facts == (1.5, 1.0, 0.0, 1.0, 3.0, 1.5, 2.5)
    assert Circumstances(BureauStatus.MISSING).facts == (0.0, 0.0, 1.0, 1.0, 0.0, inf, inf)


def rule_with(**changed: object) -> Rule:
    usual = Rule("a rule", EXPOSURE, Comparison.AT_MOST, 10_000, "EXPOSURE_LIMIT", Outcome.DECLINED)
    return replace(usual, **changed)


@pytest.mark.parametrize("measure", list(LIMITS))
def test_a_rule_on_circumstances_that_usual_ones_would_fail_is_refused(measure: str) -> None:
    least, most = LIMITS[measure]
    exposure_or_age = rule_with(measure=measure, limit=most)
    wrong = (
        replace(exposure_or_age, comparison=Comparison.AT_LEAST)
        if "exposure" in measure or "age" in measure
        else exposure_or_age,
        replace(exposure_or_age, limit=least - 1),
        replace(exposure_or_age, limit=most + 1),
    )
    for rule in wrong:
        with pytest.raises(InvalidLimit, match=measure):
            replace(POLICY_3, rules=(rule,))


def test_policies_before_schema_4_have_no_rules_on_circumstances() -> None:
    with pytest.raises(UnknownMeasure, match="accepted exposure"):
        replace(POLICY_2, rules=(rule_with(),))
    with pytest.raises(UnknownReason, match="EXPOSURE_LIMIT"):
        replace(POLICY_2, rules=(rule_with(measure="loan amount"),))
    assert "accepted exposure" in str(rule_with())


def test_rules_say_what_must_be_known_of_the_applicant() -> None:
    assert (POLICY_3.history_days, POLICY_3.needs_history) == (30, True)
    assert (POLICY_2.history_days, POLICY_2.needs_history) == (0, False)
    on_exposure = replace(POLICY_3, rules=(rule_with(),))
    assert (on_exposure.history_days, on_exposure.needs_history) == (0, True)
    longer = rule_with(measure="days since last decline", comparison=Comparison.AT_LEAST, limit=90)
    assert replace(POLICY_3, rules=(*POLICY_3.rules, longer)).history_days == 90


def test_rules_are_applied_to_the_product_first_then_to_exposure_then_to_other_circumstances() -> None:
    policy = replace(POLICY_3, rules=tuple(reversed(POLICY_3.rules)))
    names = [rule.measure for rule in policy.applied_rules]
    assert names.index(EXPOSURE) == len(POLICY_2.rules)
    assert decided(Circumstances(BureauStatus.FROZEN), policy).reasons[0].code == "UNABLE_TO_VERIFY_FROZEN_FILE"
    assert {rule.name for rule in policy.applied_rules} == {rule.name for rule in POLICY_3.rules}


def test_another_products_policy_refers_doubtful_data_too_and_takes_up_the_rules() -> None:
    folder = PROJECT / "examples" / "auto_loan"
    product = read_product((folder / "product.json").read_text(encoding="utf-8"))
    policy = policy_in_file((folder / "policy.json").read_text(encoding="utf-8"), product)
    inputs = product.characteristics_of(product.application_from(dict(product.example)))
    upgraded = in_present_schema(policy, "2")
    for each in (policy, upgraded):
        assert each.evaluate(inputs, -4.0).outcome == Outcome.APPROVED.severity
        doubtful = each.evaluate(inputs, -4.0, facts=Circumstances(BureauStatus.FROZEN).facts)
        assert doubtful.outcome == Outcome.REFERRED.severity
        assert each.reason("UNABLE_TO_VERIFY_FROZEN_FILE").text
    old = Circumstances(bureau_report_age_days=31).facts
    assert policy.evaluate(inputs, -4.0, facts=old).outcome == Outcome.APPROVED.severity
    assert upgraded.evaluate(inputs, -4.0, facts=old).outcome == Outcome.REFERRED.severity
    assert upgraded.review_terms.limit_of(Role.UNDERWRITER, "A") is not None
