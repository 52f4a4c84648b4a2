"""What to do next with a decided application, as text."""

from collections.abc import Iterator
from dataclasses import dataclass

from application.use_cases.applications.read_applications import PresentApplication
from domain.access.user import Actor, Permission
from domain.applications.application_action import Acceptance
from domain.applications.application_state import ApplicationState
from domain.applications.money import ZERO
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from entrypoints.ui.shared.formats import money, percent

SEE_NOTICE = "The notice has the last day for it."


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
    return NextAction("Send an adverse action notice with the reasons on this page.", (SEE_NOTICE, *less))


def action_after(
    application: PresentApplication, record: DecisionRecord, decided: NextAction, by: Actor
) -> NextAction:
    """The next step for a decision whose application went on; `decided` is the one for the decision alone."""
    life, ended, decision_id = application.life, application.life.ended_by, record.decision_id
    if life.decision_id != decision_id:
        return NextAction("None: a later decision replaces this one.", ("The page of the application has it.",))
    if ended is not None and isinstance(ended.details, Acceptance):
        amount = money(ended.details.amount)
        return NextAction(f"Make the loan of {amount} that the applicant accepted.", ())
    if ended is not None:
        return NextAction("None: the application is withdrawn.", ())
    if application.state is ApplicationState.EXPIRED:
        return NextAction("None: the application expired.", ("The applicant can submit it again.",))
    case = application.stored.case
    return decided if case is None or case.finished else _while_a_person_decides(application, record, decided, by)


def _while_a_person_decides(
    application: PresentApplication, record: DecisionRecord, decided: NextAction, by: Actor
) -> NextAction:
    own = by.may(Permission.WORK_CASES)
    step = "Open the case and decide it." if own else "Wait for an underwriter's decision."
    final, outcome = application.stored.final, record.decision.outcome
    if final is None and outcome is Outcome.REFERRED:
        return NextAction(step, decided.details)
    declined = outcome is Outcome.DECLINED if final is None else not final.outcome.lends
    return NextAction(step, ("The decision is under review.", *((SEE_NOTICE,) if declined else ())))


def _would_be_approved(record: DecisionRecord) -> Iterator[str]:
    """The largest loan at the requested term, or where there is none the best one at another."""
    smaller, other = record.decision.recommended_amount, record.decision.alternative
    if smaller != ZERO:
        yield f"{money(smaller)} would be approved at this term."
    if other is not None:
        terms = f"{percent(other.annual_rate, 2)} per year, {money(other.instalment)} per month"
        yield f"{money(other.amount)} over {other.term} months would be approved, at {terms}."
