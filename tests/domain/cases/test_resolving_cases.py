"""What follows from resolutions: overrides, authority, second persons, counter-offers and final decisions."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.access.user import Actor, PermissionDenied, Role
from domain.applications.money import Money
from domain.cases.after_resolution import ConditionChanged, QualityReviewed
from domain.cases.applied_authority import SecondPersonRule
from domain.cases.case_authority import case_authority
from domain.cases.case_errors import CaseStateForbids, SecondPersonRequired
from domain.cases.claiming import CaseClaimed
from domain.cases.counter_offer import CounterOfferNotApproved, CounterOffers
from domain.cases.final_decision import FinalDecision, InvalidFinalDecision
from domain.cases.override import OverrideType
from domain.cases.proceedings import NO_PROCEEDINGS
from domain.cases.proposal import CaseRules, Proposal, WantedResolution
from domain.cases.quality import selected_for_quality
from domain.cases.referral_case import ReferralCase
from domain.cases.resolution import Condition, ConditionState, DocumentPointer, InvalidResolution, Resolution
from domain.cases.resolution_errors import (
    AboveAuthority,
    AboveEveryAuthority,
    OwnViewRequired,
    QualityReviewNotWanted,
)
from domain.cases.resolving import CaseResolved, ResolutionProposed
from domain.cases.review import ReviewOpened
from domain.cases.second_person import check_checker, reverses_decline
from domain.decisions.circumstances import BureauStatus, Circumstances
from domain.models.risk_by_amount import RiskByAmount
from domain.policies.authority import ANY_GRADE, AuthorityLimit
from domain.policies.circumstance_measures import EXPOSURE
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from domain.policies.version_3 import POLICY_3
from support.builders import A_MOMENT, a_decision, a_final_decision, a_loan_application, a_prediction
from support.cases import LATER, SARA, UDO, UMA, a_referred_record, act, done

APPROVED, DECLINED, OFFER = FinalOutcome.APPROVED, FinalOutcome.DECLINED, FinalOutcome.COUNTER_OFFER
SOFIA = Actor("sofia", Role.SENIOR_UNDERWRITER)
MARTA = Actor("marta", Role.LOAN_OFFICER)
A_DECLINE = a_final_decision(outcome=DECLINED, amount=None)
WEAK, STRONG = -1.5, -2.5
"""Log-odds of a PD of 18 %, above the approve cut-off of 14 %, and of 7.6 %."""


def rules(
    *,
    log_odds: float = STRONG,
    outcome: Outcome = Outcome.REFERRED,
    amount: float = 9_000,
    recommended: float = 0,
    previous: FinalDecision | None = None,
    **terms: object,
) -> CaseRules:
    """The rules for the case of a decision; the score passes up to $6,000 even where it fails as requested."""
    record = a_referred_record(
        application=a_loan_application(loan_amnt=amount, term="60 months"),
        prediction=a_prediction(log_odds=log_odds),
        decision=a_decision(outcome=outcome, grade="D", recommended_amount=Money.of(recommended)),
    )
    policy = replace(POLICY_3, rules=(), review_terms=replace(DEFAULT_REVIEW_TERMS, **terms))
    return CaseRules(record, policy, lambda _: RiskByAmount([6_000.0], [STRONG, log_odds]), previous)


def wanted(outcome: FinalOutcome = APPROVED, **others: object) -> WantedResolution:
    reason = "RISK_TOO_HIGH" if outcome is DECLINED else "COMPENSATING_FACTORS"
    loan = {"amount": Money.of(5_000), "term": 36} if outcome is OFFER else {}
    return WantedResolution(**{"outcome": outcome, "reason": reason, "text": "Seen.", **loan, **others})


def proposed(
    case_rules: CaseRules, outcome: FinalOutcome = APPROVED, by: Actor = UMA, **others: object
) -> Proposal:
    case = done(ReferralCase.opened(case_rules.record), CaseClaimed(), by)
    return case_rules.proposal(wanted(outcome), case, by=by, at=LATER, **others)


@pytest.mark.parametrize(
    ("outcome", "log_odds", "system", "expected"),
    [
        (APPROVED, WEAK, Outcome.REFERRED, OverrideType.LOW_SIDE),
        (APPROVED, WEAK, Outcome.DECLINED, OverrideType.LOW_SIDE),
        (APPROVED, STRONG, Outcome.REFERRED, OverrideType.POLICY_EXCEPTION),
        (APPROVED, STRONG, Outcome.DECLINED, OverrideType.POLICY_EXCEPTION),
        (APPROVED, STRONG, Outcome.APPROVED, OverrideType.AGREED),
        (DECLINED, STRONG, Outcome.REFERRED, OverrideType.HIGH_SIDE),
        (DECLINED, STRONG, Outcome.APPROVED, OverrideType.HIGH_SIDE),
        (DECLINED, STRONG, Outcome.DECLINED, OverrideType.AGREED),
        (DECLINED, WEAK, Outcome.REFERRED, OverrideType.AGREED),
        (OFFER, WEAK, Outcome.REFERRED, OverrideType.AGREED),
    ],
)
def test_the_override_type_follows_from_the_score_and_the_systems_decision(
    outcome: FinalOutcome, log_odds: float, system: Outcome, expected: OverrideType
) -> None:
    assert rules(log_odds=log_odds, outcome=system).override(outcome) is expected


@pytest.mark.parametrize(
    ("log_odds", "system", "amount", "expected"),
    [
        (STRONG, Outcome.APPROVED, 9_000, APPROVED),
        (STRONG, Outcome.REFERRED, 0, APPROVED),
        (STRONG, Outcome.REFERRED, 6_000, OFFER),
        (WEAK, Outcome.REFERRED, 0, DECLINED),
        (STRONG, Outcome.DECLINED, 0, DECLINED),
        (WEAK, Outcome.DECLINED, 5_000, OFFER),
    ],
)
def test_the_system_recommends_something_even_where_it_refers(
    log_odds: float, system: Outcome, amount: float, expected: FinalOutcome
) -> None:
    assert rules(log_odds=log_odds, outcome=system, recommended=amount).recommended is expected


def test_an_underwriter_approves_alone_within_the_own_authority() -> None:
    made = proposed(rules(amount=10_000))
    assert made.authority.rule == "underwriter, any grade: up to $10,000"
    assert (made.authority.limit, made.authority.needs_second_person) == (Money.of(10_000), False)
    assert made.loan == rules(amount=10_000).as_requested


@pytest.mark.parametrize(
    ("case_rules", "outcome", "expected"),
    [
        (rules(log_odds=WEAK), APPROVED, (SecondPersonRule.LOW_SIDE_OVERRIDE,)),
        (rules(amount=10_000.01), APPROVED, (SecondPersonRule.ABOVE_AUTHORITY,)),
        (rules(outcome=Outcome.DECLINED), APPROVED, (SecondPersonRule.REVERSED_DECLINE,)),
        (rules(outcome=Outcome.DECLINED, log_odds=WEAK), OFFER, ()),
        (
            rules(previous=a_final_decision(outcome=DECLINED, amount=None)),
            OFFER,
            (SecondPersonRule.REVERSED_DECLINE,),
        ),
        (rules(previous=a_final_decision(outcome=APPROVED)), APPROVED, ()),
        (
            rules(log_odds=WEAK, amount=30_000, outcome=Outcome.DECLINED),
            APPROVED,
            tuple(SecondPersonRule),
        ),
        (rules(log_odds=WEAK, amount=30_000), DECLINED, ()),
        (rules(log_odds=WEAK, authority=()), DECLINED, ()),
    ],
)
def test_a_second_person_is_needed_for_low_sides_reversed_declines_and_above_the_authority(
    case_rules: CaseRules, outcome: FinalOutcome, expected: tuple[SecondPersonRule, ...]
) -> None:
    assert proposed(case_rules, outcome).authority.second_person == expected


def test_a_senior_needs_a_second_person_for_a_low_side_override_too() -> None:
    assert proposed(rules(log_odds=WEAK), by=SARA).authority.second_person == (SecondPersonRule.LOW_SIDE_OVERRIDE,)


def test_an_amount_above_every_authority_is_refused_with_the_limits() -> None:
    limits = (
        AuthorityLimit(Role.SENIOR_UNDERWRITER, "D", 20_000.0),
        AuthorityLimit(Role.UNDERWRITER, "D", 5_000.0),
    )
    with pytest.raises(
        AboveEveryAuthority, match=r"\$30,000\.00 in grade D.*senior underwriter, grade D: up to \$20"
    ):
        proposed(rules(amount=30_000, authority=limits))


def test_the_second_person_is_another_one_within_the_own_authority() -> None:
    terms = replace(
        DEFAULT_REVIEW_TERMS,
        authority=(AuthorityLimit(Role.SENIOR_UNDERWRITER, ANY_GRADE, 9_000.0),),
    )
    loan = rules(amount=9_000).as_requested

    def check(by: Actor, **others: object) -> Money | None:
        return check_checker(by, **{"maker": UMA, "proposers": ["uma"], "loan": loan, "terms": terms, **others})

    assert check(SARA) == Money.of(9_000)
    assert check(SARA, loan=None) is None
    with pytest.raises(PermissionDenied):
        check(UDO)
    with pytest.raises(SecondPersonRequired, match="sara made this proposal"):
        check(SARA, maker=SARA)
    with pytest.raises(SecondPersonRequired, match="sara made an earlier proposal"):
        check(SARA, proposers=["sara", "uma"])
    with pytest.raises(AboveAuthority, match=r"sara \(senior underwriter, any grade: up to \$9,000\); no role"):
        check(SARA, loan=rules(amount=9_001).as_requested)


@pytest.mark.parametrize(
    ("resolution", "fault"),
    [
        (
            wanted(reason="RISK_TOO_HIGH"),
            "'RISK_TOO_HIGH' is not a reason of policy 3 for the outcome approved",
        ),
        (wanted(text="  "), "the text is required"),
        (wanted(text="x" * 2_001), "the text must have at most 2,000 characters"),
        (wanted(text="a\x00b"), "the text has control or invisible characters"),
        (wanted(OFFER, amount=None), "a counter-offer needs an amount and a term"),
        (wanted(APPROVED, amount=Money.of(5_000)), "only a counter-offer has an amount and a term"),
        (wanted(DECLINED, conditions=("Pay off the card",)), "a decline has no conditions"),
        (wanted(conditions=("",)), "condition 1 is required"),
        (wanted(conditions=("x",) * 21), "there may be at most 20 conditions"),
    ],
)
def test_an_incomplete_resolution_is_refused_with_its_faults(resolution: WantedResolution, fault: str) -> None:
    case_rules = rules()
    with pytest.raises(InvalidResolution, match=fault.replace("(", r"\(")):
        case_rules.proposal(resolution, ReferralCase.opened(case_rules.record), by=UMA, at=LATER)


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"type": "\n"}, "a document's type must be"),
        ({"sha256": "9F" * 32}, "64 hexadecimal digits in lower case"),
    ],
)
def test_a_document_has_a_type_and_a_digest(values: dict[str, str], fault: str) -> None:
    with pytest.raises(InvalidResolution, match=fault):
        DocumentPointer(**{"type": "payslip", "date": A_MOMENT.date(), "sha256": "9f" * 32, **values})


def test_a_document_is_named_once() -> None:
    payslip = DocumentPointer("payslip", A_MOMENT.date(), "9f" * 32)
    with pytest.raises(InvalidResolution, match="2 documents have the sha256"):
        Resolution(APPROVED, "OTHER", "Seen.", (payslip, payslip))
    with pytest.raises(InvalidResolution, match="conditions must be numbered from 1"):
        Resolution(APPROVED, "OTHER", "Seen.", conditions=(Condition(2, "Pay"),))


def test_a_proposal_needs_a_second_person_and_a_resolution_does_not() -> None:
    alone, second = rules(), rules(log_odds=WEAK)
    case = done(ReferralCase.opened(alone.record), CaseClaimed())
    with pytest.raises(CaseStateForbids, match="needs no second person: resolve the case"):
        act(case, ResolutionProposed(proposed(alone)))
    with pytest.raises(CaseStateForbids, match="needs a second person: propose it"):
        act(case, CaseResolved(proposed(second), uuid4(), quality_review=False))
    for details in (QualityReviewed(APPROVED, "Yes.", agrees=True), ConditionChanged(1, ConditionState.MET)):
        with pytest.raises(CaseStateForbids, match="it must be resolved to"):
            act(case, details)
    resolved = done(case, CaseResolved(proposed(alone), uuid4(), quality_review=False))
    with pytest.raises(QualityReviewNotWanted):
        act(resolved, QualityReviewed(APPROVED, "Yes.", agrees=True))
    opening = ReviewOpened(case.decision_id, "Appeal.", LATER)
    with pytest.raises(CaseStateForbids, match="a case is opened once"):
        act(case, opening)


def test_authority_says_that_an_amount_is_above_every_limit() -> None:
    limits = (AuthorityLimit(Role.SENIOR_UNDERWRITER, ANY_GRADE, 8_000.0),)
    case_rules = rules(amount=9_000, authority=limits)
    case = done(ReferralCase.opened(case_rules.record), CaseClaimed())
    authority = case_authority(case, NO_PROCEEDINGS, case_rules, by=UMA, at=LATER, blind=False)
    approve = authority.outcomes[0]
    assert approve.refused.startswith("$9,000.00 in grade D is above the authority of every role")
    assert (approve.rule, approve.second_person) == ("", ())


@given(amount=st.integers(1, 1_200_000), term=st.sampled_from([24, 36, 60]), cut=st.floats(500, 12_000))
@settings(max_examples=60, deadline=None)
def test_every_counter_offer_is_one_that_the_policy_would_approve(amount: int, term: int, cut: float) -> None:
    record, policy = rules(amount=9_000).record, POLICY_3

    def risk(_: object) -> RiskByAmount:
        return RiskByAmount([cut], [-3.0, -1.7])

    offers, wanted_amount = CounterOffers(record, policy, risk), Money(amount)
    offer = None
    with suppress(CounterOfferNotApproved):
        offer = offers.offer(wanted_amount, term)
    if offer is None:
        assert term == 24 or amount < 100_000 or offers.largest(term) < wanted_amount
        return
    assert (offer.amount, offer.term) == (wanted_amount, term)
    inputs = policy.product.changed_inputs(
        policy.product.characteristics_of(record.application), {"term": float(term), "loan_amnt": amount / 100}
    )
    evaluation = policy.evaluate(inputs, risk(inputs).at(amount / 100))
    assert evaluation.outcome == Outcome.APPROVED.severity
    assert offer.amount <= record.application.terms.amount
    assert offer.instalment == Money.of(evaluation.instalment)


@pytest.mark.parametrize(
    ("amount", "term", "why"),
    [
        (9_000.01, 60, r"\$9,000\.01 is more than the requested \$9,000\.00"),
        (999.99, 36, r"\$999\.99 is less than \$1,000\.00, the smallest loan of policy 3"),
        (5_000, 48, "48 months is not a term of the product; the terms are 36, 60"),
        (7_000, 60, r"policy 3 does not approve \$7,000\.00 over 60 months: the most at this term is \$6,000\.00"),
    ],
)
def test_a_counter_offer_outside_the_policy_is_refused_with_what_it_would_approve(
    amount: float, term: int, why: str
) -> None:
    with pytest.raises(CounterOfferNotApproved, match=why):
        rules(log_odds=WEAK).counter_offers.offer(Money.of(amount), term)


def test_the_own_view_comes_first_under_a_blind_policy() -> None:
    with pytest.raises(OwnViewRequired, match="asks for your own view"):
        proposed(rules(blind=True))
    assert proposed(rules(blind=True), own_view=DECLINED).own_view is DECLINED


def test_a_final_decision_cannot_be_made_without_its_second_person() -> None:
    with pytest.raises(InvalidFinalDecision, match="a second person must agree"):
        a_final_decision(checker=None)
    with pytest.raises(InvalidFinalDecision, match="ursula cannot be the second person"):
        a_final_decision(checker=Actor("ursula", Role.SENIOR_UNDERWRITER))
    with pytest.raises(InvalidFinalDecision, match="has an amount unless it declines"):
        a_final_decision(amount=None)


def test_lending_what_a_person_declined_is_a_reversal_whatever_the_system_said() -> None:
    for system in Outcome:
        assert reverses_decline(APPROVED, system, DECLINED)
        assert not reverses_decline(APPROVED, system, APPROVED)
        assert not reverses_decline(DECLINED, system, DECLINED)


def test_the_quality_share_follows_from_the_cases_identifier() -> None:
    cases = [UUID(int=number) for number in range(4_000)]
    chosen = [each for each in cases if selected_for_quality(each, 0.05)]
    assert 140 <= len(chosen) <= 260
    assert set(chosen) <= {each for each in cases if selected_for_quality(each, 0.2)}
    assert not any(selected_for_quality(each, 0.0) for each in cases)
    assert all(selected_for_quality(each, 1.0) for each in cases)


def test_a_counter_offer_follows_the_circumstances_of_the_decision() -> None:
    def with_circumstances(**values: object) -> CounterOffers:
        offers = rules(log_odds=WEAK).counter_offers
        return replace(offers, record=replace(offers.record, circumstances=Circumstances(**values)))

    assert with_circumstances().largest(60) == Money.of(6_000)
    frozen = with_circumstances(bureau_status=BureauStatus.FROZEN)
    assert frozen.largest(60) == Money(0)
    with pytest.raises(CounterOfferNotApproved, match=r"no amount at this term \(rules not met: debt to income"):
        frozen.offer(Money.of(1_000), 60)
    limit = next(rule.limit for rule in POLICY_3.rules if rule.measure == EXPOSURE)
    policy = replace(POLICY_3, rules=tuple(rule for rule in POLICY_3.rules if rule.measure == EXPOSURE))
    exposed = replace(with_circumstances(accepted_exposure=Money.of(limit - 2_500)), policy=policy)
    assert exposed.largest(60) == Money.of(2_500)
    with pytest.raises(CounterOfferNotApproved, match=r"the most at this term is \$2,500\.00"):
        exposed.offer(Money.of(2_500.01), 60)
