"""The reasons of a letter are those of the final record, for thousands of random declines and for every rule."""

from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import islice

import pytest

from domain.cases.final_decision import FinalDecision
from domain.cases.override import OverrideType
from domain.notices.completeness import INQUIRIES, missing_items
from domain.notices.principal_reasons import OTHER, RISK_TOO_HIGH, principal_reasons
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.reasons import AdverseActionReason
from domain.policies.version_3 import POLICY_3
from support.builders import a_decision, a_decision_record, a_final_decision, a_reason
from support.random_declines import RandomDecline, drafting, random_declines

TERMS = POLICY_3.review_terms
FAVORABLE = {
    "INCOME_VERIFIED",
    "BUREAU_DATA_VERIFIED",
    "COMPENSATING_FACTORS",
    "COLLATERAL_OR_GUARANTEE",
    "DUPLICATE_EXPLAINED",
    "AFFORDABLE_AT_OTHER_TERMS",
}
KINDS = {
    "rules",
    "score",
    "rules and score",
    "a person after a referral",
    "a person after the system's decline",
    "a person against the system's approval",
    "counter-offer",
}


def test_the_reasons_of_a_thousand_random_declines_are_those_of_the_final_record() -> None:
    declines = list(islice(random_declines(seed=20), 1_000))
    by = Counter(decline.by for decline in declines)
    assert set(by) == KINDS
    assert min(by.values()) >= 30
    for decline in declines:
        check(decline)


def check(decline: RandomDecline) -> None:
    record, final = decline.basis.record, decline.basis.final
    content = drafting().content(decline.basis, dated=date(2026, 3, 16))
    found, stated = record.decision.reasons, content.reasons
    if final is None:
        assert stated == found
        assert missing_items(content) == ()
        return
    if not stated:
        assert (final.reason, found) == (RISK_TOO_HIGH, ())
        assert any("a specific reason" in item for item in missing_items(content))
        return
    assert missing_items(content) == ()
    by_person = AdverseActionReason(final.reason, final.text if final.reason == OTHER else final.reason_text)
    assert len(stated) <= 4
    assert len({reason.text for reason in stated}) == len(stated)
    assert set(stated) <= {by_person, *found}
    of_system = [reason for reason in stated if reason != by_person]
    assert of_system == [reason for reason in found if reason in of_system], "the order of the record"
    score = [reason for reason in record.decision.score_reasons or () if reason in of_system]
    if len(stated) < 4:
        assert score == list(record.decision.score_reasons or ()), "no factor of the score is left out"
    if final.outcome is FinalOutcome.DECLINED and final.reason != RISK_TOO_HIGH:
        assert stated[0] == by_person
    else:
        assert by_person.code not in FAVORABLE or by_person not in stated


def a_decline(reason: str, **overrides: object) -> FinalDecision:
    text = next(each.text for each in TERMS.reasons if each.code == reason)
    usual = {
        "outcome": FinalOutcome.DECLINED,
        "override": OverrideType.AGREED,
        "reason": reason,
        "reason_text": text,
        "amount": None,
    }
    return a_final_decision(**usual | overrides)


def codes(final: FinalDecision, *found: str) -> list[str]:
    reasons = tuple(a_reason(code) for code in found)
    record = a_decision_record(decision=a_decision(outcome=Outcome.REFERRED, reasons=reasons))
    return [reason.code for reason in principal_reasons(record, final, TERMS)]


def test_a_referral_is_declined_for_what_the_person_and_the_score_say() -> None:
    found = codes(a_decline("INCOME_NOT_VERIFIED"), "OBLIGATIONS", "INQUIRIES")
    assert found == ["INCOME_NOT_VERIFIED", "OBLIGATIONS", "INQUIRIES"]


def test_at_most_four_reasons_are_stated() -> None:
    found = codes(a_decline("INCOME_NOT_VERIFIED"), "OBLIGATIONS", "INQUIRIES", "REVOLVING_CREDIT", "PURPOSE")
    assert found == ["INCOME_NOT_VERIFIED", "OBLIGATIONS", "INQUIRIES", "REVOLVING_CREDIT"]


@pytest.mark.parametrize(
    ("stated", "found", "expected"),
    [
        ("INCOME_NOT_VERIFIED", "UNABLE_TO_VERIFY_STALE_REPORT", ["INCOME_NOT_VERIFIED"]),
        ("INCOME_NOT_VERIFIED", "DUPLICATE_APPLICATION", ["INCOME_NOT_VERIFIED"]),
        (
            "BUREAU_DATA_NOT_VERIFIED",
            "UNABLE_TO_VERIFY_STALE_REPORT",
            ["BUREAU_DATA_NOT_VERIFIED", "UNABLE_TO_VERIFY_STALE_REPORT"],
        ),
        (
            "DUPLICATE_OR_SUSPICIOUS",
            "DUPLICATE_APPLICATION",
            ["DUPLICATE_OR_SUSPICIOUS", "DUPLICATE_APPLICATION"],
        ),
        ("RISK_TOO_HIGH", "UNABLE_TO_VERIFY_FROZEN_FILE", ["UNABLE_TO_VERIFY_FROZEN_FILE"]),
    ],
)
def test_what_a_person_was_to_verify_is_a_reason_only_if_the_person_says_so(
    stated: str, found: str, expected: list[str]
) -> None:
    assert codes(a_decline(stated), found) == expected


def test_a_high_risk_is_explained_by_what_makes_it_high() -> None:
    assert codes(a_decline(RISK_TOO_HIGH), "OBLIGATIONS") == ["OBLIGATIONS"]
    assert codes(a_decline(RISK_TOO_HIGH)) == []


def test_another_reason_is_the_text_of_the_person() -> None:
    record = a_decision_record(decision=a_decision(outcome=Outcome.APPROVED, reasons=()))
    final = a_decline(OTHER, text="The employer has closed.")
    assert principal_reasons(record, final, TERMS) == (AdverseActionReason(OTHER, "The employer has closed."),)


def test_a_reason_that_the_person_and_the_system_word_alike_is_stated_once() -> None:
    final = a_decline("INCOME_NOT_VERIFIED", reason_text=a_reason("INCOME").text)
    assert codes(final, "INCOME", "PURPOSE") == ["INCOME_NOT_VERIFIED", "PURPOSE"]


def an_offer(reason: str) -> FinalDecision:
    text = next(each.text for each in TERMS.reasons if each.code == reason)
    return a_final_decision(outcome=FinalOutcome.COUNTER_OFFER, reason=reason, reason_text=text)


@pytest.mark.parametrize("reason", sorted({*FAVORABLE, RISK_TOO_HIGH, OTHER}))
def test_a_counter_offer_states_why_not_the_requested_loan(reason: str) -> None:
    """What speaks for the offer is no reason against the loan that was requested."""
    assert codes(an_offer(reason), "AMOUNT_TOO_LARGE_FOR_INCOME") == ["AMOUNT_TOO_LARGE_FOR_INCOME"]


def test_a_counter_offer_to_an_approved_applicant_is_explained_by_the_person() -> None:
    assert codes(an_offer(OTHER)) == [OTHER]
    assert codes(an_offer("INCOME_VERIFIED")) == []


def test_a_lender_may_have_reasons_of_its_own() -> None:
    own = replace(TERMS.reasons[0], code="FARM_LEASE_ENDS", text="Lease of the farm ends before the loan")
    terms = replace(TERMS, reasons=(*TERMS.reasons, replace(own, outcomes=(FinalOutcome.DECLINED,))))
    record = a_decision_record(decision=a_decision(reasons=()))
    final = replace(a_decline(OTHER), reason=own.code, reason_text=own.text)
    assert principal_reasons(record, final, terms) == (AdverseActionReason(own.code, own.text),)


def test_key_factors_are_four_and_a_fifth_only_for_inquiries() -> None:
    counted: Counter[int] = Counter()
    for decline in islice(random_declines(seed=5), 300):
        content = drafting().content(decline.basis, dated=date(2026, 3, 16))
        assert content.score is not None
        factors = [factor.code for factor in content.score.key_factors]
        counted[len(factors)] += 1
        assert len(set(factors)) == len(factors)
        assert len(factors) <= 4 or (len(factors) == 5 and factors[4] == INQUIRIES)
        score = [reason.code for reason in decline.basis.record.decision.score_reasons or ()]
        assert factors[: len(score)] == score, "the reasons of the score are its largest factors"
    assert counted[4]
    assert counted[5]
