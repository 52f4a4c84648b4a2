"""What to do next with a decided application, as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.use_cases.applications.read_applications import PresentApplication
from domain.applications.application_action import Acceptance
from domain.applications.application_state import ApplicationState
from domain.applications.money import ZERO
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from entrypoints.ui.shared.formats import day, money, percent

NOTICE_PERIOD = timedelta(days=30)
"""After which the notice of adverse action is late (12 CFR 1002.9(a)(1)(i)), counted from the decision."""


@dataclass(frozen=True, slots=True)
class NextAction:
    """The next step, and what to know for it."""

    step: str
    details: tuple[str, ...]


def next_action(record: DecisionRecord, term: str) -> NextAction:
    """The next step for the outcome; `term` is the requested term in words."""
    decision, requested = record.decision, record.application.terms.amount
    if record.trial:
        return NextAction("None: this is a trial run.", ("It is neither an offer nor an answer to an applicant.",))
    if decision.outcome is Outcome.APPROVED:
        offer = f"{money(requested)} over {term} at {percent(decision.annual_rate, 2)} per year"
        return NextAction("Offer the loan as requested.", (f"{offer}, {money(decision.instalment)} per month.",))
    less = tuple(_would_be_approved(record))
    if decision.outcome is Outcome.REFERRED:
        in_queue = record.case_due_at is not None
        step = "Wait for an underwriter's decision." if in_queue else "Send the application to an underwriter."
        return NextAction(step, ("Tell the applicant that the decision is pending.", *less))
    due = day(record.decided_at + NOTICE_PERIOD)
    return NextAction(
        "Send an adverse action notice with the reasons on this page.",
        (f"It is due by {due}, 30 days after the application.", *less),
    )


def action_after(application: PresentApplication, decision_id: UUID) -> NextAction | None:
    """The next step for a decision whose application went on; None if the decision still says what to do."""
    life, ended = application.life, application.life.ended_by
    if life.decision_id != decision_id:
        return NextAction("None: a later decision replaces this one.", ("The page of the application has it.",))
    if ended is not None and isinstance(ended.details, Acceptance):
        amount = money(ended.details.amount)
        return NextAction(f"Make the loan of {amount} that the applicant accepted.", ())
    if ended is not None:
        return NextAction("None: the application is withdrawn.", ())
    if application.state is ApplicationState.EXPIRED:
        return NextAction("None: the application expired.", ("The applicant can submit it again.",))
    return None


def _would_be_approved(record: DecisionRecord) -> Iterator[str]:
    """The largest loan at the requested term, or where there is none the best one at another."""
    smaller, other = record.decision.recommended_amount, record.decision.alternative
    if smaller != ZERO:
        yield f"{money(smaller)} would be approved at this term."
    if other is not None:
        terms = f"{percent(other.annual_rate, 2)} per year, {money(other.instalment)} per month"
        yield f"{money(other.amount)} over {other.term} months would be approved, at {terms}."
