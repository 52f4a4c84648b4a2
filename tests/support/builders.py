"""Fully populated domain objects for tests, which override what matters to them.

Every builder takes any field of what it builds as a keyword; no field is left empty, so that a mapping that
forgets one is found out.
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from application.ports.operations.stored_state import CaseQueue, LastVerification, NoticeQueue, StoredState
from domain.access.rate_limit import LoginLimits, RateLimit
from domain.access.user import Actor, Role, User
from domain.applications.application_identity import NO_IDENTITY, ApplicationIdentity
from domain.applications.loan_application import LoanApplication
from domain.applications.money import Money
from domain.applications.superseding import SupersedesReason
from domain.audit.event import EventKind, RecordedEvent
from domain.cases.applied_authority import AppliedAuthority, SecondPersonRule
from domain.cases.final_decision import FinalDecision
from domain.cases.override import OverrideType
from domain.cases.resolution import Condition, ConditionState, DocumentPointer
from domain.decisions.circumstances import BureauStatus, Circumstances
from domain.decisions.decision import Decision
from domain.decisions.decision_record import DecisionRecord
from domain.models.characteristics import Characteristics
from domain.models.prediction import Prediction
from domain.models.probability import Uncertainty
from domain.policies.alternative_loan import AlternativeLoan
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Confidence, Outcome
from domain.policies.reasons import AdverseActionReason
from domain.policies.version_3 import POLICY_3
from domain.products.personal_loan import PERSONAL_LOAN

A_MOMENT = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)
A_HASH = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$iWh06vD8Fy27wf9npn6FXWiCX4K6pW6Ue1Bnzz07Z8A"


def login_limits(*, per_username_and_address: int = 10, name: int = 50, address: int = 50) -> LoginLimits:
    """Login limits, by default those of the settings."""
    within = timedelta(minutes=15)
    return LoginLimits(
        RateLimit(per_username_and_address, within), RateLimit(name, within), RateLimit(address, within)
    )


def a_loan_application(**values: Any) -> LoanApplication:
    """$12,000.25 over three years to pay off cards, by an applicant with $64,000.50 of income and a mortgage.

    `values` replace those of fields, by name and as posted.
    """
    usual = {
        "annual_inc": 64_000.50,
        "emp_length": "4 years",
        "home_ownership": "MORTGAGE",
        "loan_amnt": 12_000.25,
        "term": "36 months",
        "purpose": "credit_card",
        "fico_range_low": 690,
        "fico_range_high": 694,
        "dti": 17.42,
        "revol_util": 51.3,
        "inq_last_6mths": 2,
        "delinq_2yrs": 1,
        "pub_rec": 1,
    }
    return PERSONAL_LOAN.application_from(usual | values)


def some_characteristics(**values: Any) -> Characteristics:
    """The inputs of model and policy for the product's example; `values` replace some, by name."""
    example = PERSONAL_LOAN.application_from(PERSONAL_LOAN.example)
    return PERSONAL_LOAN.changed_inputs(PERSONAL_LOAN.characteristics_of(example), values)


def a_reason(code: str) -> AdverseActionReason:
    """The reason with this code."""
    return POLICY_3.reason(code)


def a_prediction(*, log_odds: float = -1.5, **overrides: Any) -> Prediction:
    """A prediction with a PD of 18 %, or with other log-odds, to which every characteristic contributes."""
    contributions = tuple((index - 5) / 32 for index in range(len(PERSONAL_LOAN.characteristics)))
    usual = Prediction.of(
        log_odds,
        base=log_odds - sum(contributions),
        contributions=contributions,
        uncertainty=Uncertainty(constant=0.2, linear=0.01, quadratic=0.005),
        out_of_domain=("annual_inc", "dti"),
    )
    return replace(usual, **overrides)


def a_decision(**overrides: Any) -> Decision:
    """A referral with reasons, failed rules and a smaller recommended amount."""
    usual = Decision(
        outcome=Outcome.REFERRED,
        confidence=Confidence.LOW,
        default_predicted=False,
        points=530,
        grade="D",
        annual_rate=0.1799,
        instalment=Money(43_379),
        recommended_amount=Money(850_000),
        reasons=(a_reason("OBLIGATIONS"), a_reason("INQUIRIES")),
        failed_rules=("debt to income is bearable", "no recent delinquencies"),
        policy_version="1",
        reasons_of_rules=1,
        outcome_stability=0.62,
        alternative=AlternativeLoan(Money(700_000), 36, 0.1649, Money(24_781)),
    )
    return replace(usual, **overrides)


def before_schema_3(record: DecisionRecord) -> DecisionRecord:
    """The record without what documents before schema 3 do not have."""
    prediction = replace(record.prediction, half_width=None)
    decision = replace(record.decision, reasons_of_rules=None, outcome_stability=None, alternative=None)
    return replace(record, prediction=prediction, decision=decision, identity=NO_IDENTITY, trial=False)


def with_schema_4(record: DecisionRecord) -> DecisionRecord:
    """The record with everything that documents have from schema 4 on."""
    return replace(
        record,
        supersedes=UUID("7b0c43a4-0000-7c7b-8a53-0d6a3a5f2b11"),
        supersedes_reason=SupersedesReason.NEW_BUREAU_DATA,
        circumstances=Circumstances(
            bureau_status=BureauStatus.DISPUTED,
            bureau_report_date=date(2026, 3, 1),
            bureau_report_age_days=13,
            related=(UUID("7b0c43a4-0000-7c7b-8a53-0d6a3a5f2b12"),),
            days_since_application=2.5,
            days_since_decline=40.0,
            accepted_exposure=Money(500_000),
        ),
        case_due_at=A_MOMENT + timedelta(hours=48),
        applicant_number=3,
    )


def an_actor(**overrides: Any) -> Actor:
    """A loan officer."""
    return replace(Actor("marta", Role.LOAN_OFFICER), **overrides)


def a_user(**overrides: Any) -> User:
    """A loan officer who can log in; the hash matches no password."""
    return replace(User("marta", Role.LOAN_OFFICER, A_HASH), **overrides)


def an_event(**overrides: Any) -> RecordedEvent:
    """An event for the audit trail."""
    usual = RecordedEvent(uuid4(), A_MOMENT, "os:ada", EventKind.ROLE_CHANGED, {"user": "marta"})
    return replace(usual, **overrides)


def an_identifier(moment: datetime) -> UUID:
    """A new UUID of version 7 with this time."""
    random = uuid4().int & ~(0xFFFF << 64) & (2**80 - 1)
    return UUID(int=int(moment.timestamp() * 1000) << 80 | 7 << 76 | random)


def an_identity(**overrides: Any) -> ApplicationIdentity:
    """The caller's own data of an application that a broker sent."""
    usual = ApplicationIdentity(
        application_reference="LN-2026/0815",
        applicant_reference="C 4711",
        source="loan-origination",
        channel="broker",
        metadata={"branch": "Łódź 3", "priority": 2, "margin": 0.5, "renewal": True, "campaign": None},
    )
    return replace(usual, **overrides)


def a_decision_record(**overrides: Any) -> DecisionRecord:
    """A record of all of the above with a new identifier; the reference of one that is no trial is new too."""
    if not overrides.get("trial", True) and "identity" not in overrides:
        overrides["identity"] = an_identity(application_reference=f"LN-2026/{uuid4()}")
    usual = DecisionRecord(
        decision_id=uuid4(),
        decided_at=A_MOMENT,
        requested_by=an_actor(),
        received_through="api",
        application=a_loan_application(),
        prediction=a_prediction(),
        decision=a_decision(),
        model_version="2015.3",
        model_fingerprint="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        identity=an_identity(),
        trial=True,
    )
    return replace(usual, **overrides)


def a_final_decision(**overrides: Any) -> FinalDecision:
    """A low-side override that a second person agreed with, with every field."""
    usual = FinalDecision(
        final_decision_id=an_identifier(A_MOMENT),
        decision_id=an_identifier(A_MOMENT),
        case_id=an_identifier(A_MOMENT),
        number=2,
        outcome=FinalOutcome.APPROVED,
        override=OverrideType.LOW_SIDE,
        system_outcome=Outcome.REFERRED,
        recommended=FinalOutcome.COUNTER_OFFER,
        reason="COMPENSATING_FACTORS",
        reason_text="Strengths of the applicant outweigh the risk",
        text="Fifteen years with the same employer.\nSavings cover six instalments.",
        maker=Actor("ursula", Role.UNDERWRITER),
        authority=AppliedAuthority(
            Role.UNDERWRITER,
            "underwriter, any grade: up to $10,000",
            Money(1_000_000),
            (SecondPersonRule.LOW_SIDE_OVERRIDE, SecondPersonRule.ABOVE_AUTHORITY),
        ),
        case_version=3,
        opened_at=A_MOMENT,
        decided_at=A_MOMENT + timedelta(hours=3),
        dwell_seconds=754.25,
        checker=Actor("selma", Role.SENIOR_UNDERWRITER),
        checker_text="Payslips seen.",
        checker_limit=Money(10_000_000),
        amount=Money(1_200_025),
        term=36,
        grade="D",
        annual_rate=0.1799,
        instalment=Money(43_379),
        documents=(DocumentPointer("payslip", date(2026, 3, 1), "9f" * 32),),
        conditions=(
            Condition(1, "Pay off the credit card"),
            Condition(2, "Proof of address", ConditionState.WAIVED, "Seen at the branch"),
        ),
        own_view=FinalOutcome.APPROVED,
        previous=UUID("7b0c43a4-0000-7c7b-8a53-0d6a3a5f2b13"),
    )
    return replace(usual, **overrides)


def a_stored_state(**overrides: Any) -> StoredState:
    """A state in which something waits everywhere, and the last verification found a violation."""
    usual = StoredState(
        batches_queued=2,
        batches_running=1,
        oldest_queued_seconds=90.0,
        messages_pending=3,
        oldest_pending_seconds=60.0,
        dead_letters=4,
        last_checkpoint=7,
        checkpointed_at=A_MOMENT,
        verification=LastVerification(A_MOMENT, succeeded=False),
        partitions_ahead=5,
        database_bytes=10,
        decisions_estimate=6,
        cases=CaseQueue({"open": 8, "assigned": 9}, 11, 120.0, 150.0),
        notices=NoticeQueue(12, 13, 14, 15, 180.0),
    )
    return replace(usual, **overrides)
