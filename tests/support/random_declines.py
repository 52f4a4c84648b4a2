"""Random applications that are declined or answered with a counter-offer, by the system and by people."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from random import Random
from uuid import uuid4

from adapters.scoring.bundles.bundle import load_bundle
from adapters.scoring.table_credit_model import TableCreditModel
from domain.applications.money import Money
from domain.cases.final_decision import FinalDecision
from domain.cases.proposal import CaseRules, WantedResolution
from domain.cases.resolution_errors import AboveEveryAuthority
from domain.cases.review import review_case
from domain.decisions.circumstances import NO_CIRCUMSTANCES, BureauStatus, Circumstances
from domain.decisions.decision import decide
from domain.decisions.decision_record import DecisionRecord
from domain.notices.drafting import Drafting, LetterSettings, NoticeBasis
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from domain.policies.version_3 import POLICY_3
from domain.products.fields import ChoiceField
from domain.products.personal_loan import PERSONAL_LOAN
from support.builders import A_MOMENT, a_decision_record
from support.cases import SARA, UMA
from support.letters import CHICAGO, LETTERHEAD
from support.paths import CHAMPION


@dataclass(frozen=True, slots=True)
class RandomDecline:
    """What a letter is about; `by` says who or what declined."""

    by: str
    basis: NoticeBasis


@cache
def model() -> TableCreditModel:
    return TableCreditModel(load_bundle(CHAMPION, PERSONAL_LOAN))


@cache
def drafting() -> Drafting:
    """Drafts letters for the decisions of this module."""
    reference = model().reference_profile(POLICY_3.approve_below)
    return Drafting(POLICY_3, reference, model().log_odds_range(), LetterSettings(LETTERHEAD, CHICAGO))


def random_declines(seed: int) -> Iterator[RandomDecline]:
    """Endless declines and counter-offers, the same for the same seed."""
    chance = Random(seed)  # noqa: S311 - no secrets
    while True:
        record = random_record(chance)
        if record.decision.outcome is Outcome.DECLINED and chance.random() < 0.5:
            yield _decided(record, None)
        elif final := _final(record, chance):
            yield _decided(record, final)


def random_record(chance: Random) -> DecisionRecord:
    """The decision on a random application."""
    application = PERSONAL_LOAN.application_from(_values(chance))
    inputs = PERSONAL_LOAN.characteristics_of(application)
    prediction, circumstances = model().predict(inputs), _circumstances(chance)
    decision = decide(
        POLICY_3,
        inputs,
        prediction,
        reference=drafting().reference,
        risk_by_amount=model().risk_by_amount,
        circumstances=circumstances,
    )
    return a_decision_record(
        application=application,
        prediction=prediction,
        decision=decision,
        circumstances=circumstances,
        policy_fingerprint=POLICY_3.fingerprint,
        trial=False,
    )


def _values(chance: Random) -> dict[str, object]:
    values: dict[str, object] = {
        field.name: chance.choice(field.choices)
        for field in PERSONAL_LOAN.fields
        if isinstance(field, ChoiceField)
    }
    fico = chance.randrange(600, 840, 5)
    return values | {
        "annual_inc": float(chance.randrange(8_000, 150_000, 500)),
        "loan_amnt": float(chance.randrange(1_000, 40_000, 250)),
        "fico_range_low": fico,
        "fico_range_high": fico + 4,
        "dti": round(chance.uniform(0, 45), 2),
        "revol_util": None if chance.random() < 0.05 else round(chance.uniform(0, 110), 1),
        "inq_last_6mths": min(int(chance.expovariate(0.7)), 12),
        "delinq_2yrs": min(int(chance.expovariate(1.5)), 8),
        "pub_rec": min(int(chance.expovariate(2.0)), 6),
    }


def _circumstances(chance: Random) -> Circumstances:
    if chance.random() < 0.7:
        return NO_CIRCUMSTANCES
    return Circumstances(
        bureau_status=chance.choice(list(BureauStatus)),
        bureau_report_age_days=chance.choice([None, 3, 45]),
        days_since_application=chance.choice([None, 2.0, 90.0]),
        days_since_decline=chance.choice([None, None, 10.0]),
        accepted_exposure=chance.choice([None, Money.of(45_000)]),
    )


def _final(record: DecisionRecord, chance: Random) -> FinalDecision | None:
    """A person's decline or counter-offer in a review; None if the policy would approve no other loan."""
    rules = CaseRules(record, POLICY_3, model().risk_by_amount)
    offers = chance.random() < 0.5 and record.decision.outcome is not Outcome.APPROVED
    outcome = FinalOutcome.COUNTER_OFFER if offers else FinalOutcome.DECLINED
    term = chance.choice(PERSONAL_LOAN.months)
    amount = rules.counter_offers.largest(term) if offers else None
    if amount is not None and amount < Money.of(POLICY_3.pricing.minimum_amount):
        return None
    reason = chance.choice(POLICY_3.review_terms.reasons_for(outcome))
    wanted = WantedResolution(
        outcome, reason.code, "The employer has closed.", amount, term if amount is not None else None
    )
    case = review_case(record, uuid4(), at=A_MOMENT, due_at=A_MOMENT + timedelta(days=2))
    try:
        proposal = rules.proposal(wanted, case, by=UMA, at=A_MOMENT + timedelta(hours=5))
    except AboveEveryAuthority:
        return None
    checker = SARA if proposal.authority.needs_second_person else None
    return proposal.final_decision(uuid4(), case, maker=UMA, at=A_MOMENT + timedelta(hours=6), checker=checker)


def _decided(record: DecisionRecord, final: FinalDecision | None) -> RandomDecline:
    offers = final is not None and final.outcome is FinalOutcome.COUNTER_OFFER
    basis = NoticeBasis(
        notice_id=record.decision_id if final is None else final.final_decision_id,
        kind=NoticeKind.COUNTER_OFFER if offers else NoticeKind.ADVERSE_ACTION,
        cause=NoticeCause.DECISION if final is None else NoticeCause.FINAL_DECISION,
        application_id=record.decision_id,
        record=record,
        final=final,
    )
    return RandomDecline(_by(record, final, offers=offers), basis)


def _by(record: DecisionRecord, final: FinalDecision | None, *, offers: bool) -> str:
    decision = record.decision
    if offers:
        return "counter-offer"
    if final is not None:
        return {
            Outcome.APPROVED: "a person against the system's approval",
            Outcome.REFERRED: "a person after a referral",
            Outcome.DECLINED: "a person after the system's decline",
        }[decision.outcome]
    return {(True, False): "rules", (False, True): "score", (True, True): "rules and score"}[
        bool(decision.rule_reasons), bool(decision.score_reasons)
    ]
