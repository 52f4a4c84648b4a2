"""A proposed resolution and a final decision, as text."""

from dataclasses import dataclass, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

from domain.cases.counter_offer import OfferedLoan
from domain.cases.final_decision import FinalDecision
from domain.cases.proposal import Proposal
from domain.cases.resolution import Condition, ConditionState, DocumentPointer
from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.cases.authority_text import because
from entrypoints.ui.cases.due_badge import duration
from entrypoints.ui.cases.resolution_preview import loan_text
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import capital
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment

_CONDITIONS = {
    ConditionState.OPEN: ("Open", "referred", "radio_button_unchecked"),
    ConditionState.MET: ("Met", "approved", "check_circle"),
    ConditionState.WAIVED: ("Waived", "neutral", "remove_circle_outline"),
}


@dataclass(frozen=True, slots=True)
class ConditionItem:
    """A condition of a resolution."""

    number: int
    text: str
    state: str
    style: str
    icon_name: str
    reason: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class ResolutionView:
    """A proposal or a final decision; `style` is "proposal", or "final-" with the outcome.

    `case_id` is the case on which it was made, where that is another one.
    """

    is_final: bool
    title: str
    style: str
    by: str
    outcome: str
    loan: str
    reason: str
    text: str
    facts: tuple[Item, ...]
    documents: tuple[Item, ...]
    conditions: tuple[ConditionItem, ...]
    case_id: str = ""


def proposal_view(proposal: Proposal, maker: str) -> ResolutionView:
    """The proposal of a maker."""
    resolution, authority = proposal.resolution, proposal.authority
    return ResolutionView(
        is_final=False,
        title="Proposed resolution",
        style="proposal",
        by=f"Proposed by {maker}",
        outcome=labels.FINAL_OUTCOMES[resolution.outcome],
        loan="" if proposal.loan is None else loan_text(proposal.loan),
        reason=proposal.reason_text,
        text=resolution.text,
        facts=(
            Item("Override", labels.OVERRIDES[proposal.override]),
            Item("Authority of the maker", capital(authority.rule)),
            Item(
                "Needs a second person because",
                capital(because(authority.second_person, "it is above this limit")),
            ),
        ),
        documents=document_items(resolution.documents),
        conditions=condition_items(resolution.conditions),
    )


def final_view(
    final: FinalDecision, conditions: tuple[Condition, ...], zone: ZoneInfo = UTC_ZONE
) -> ResolutionView:
    """The final decision, with the present state of its conditions."""
    facts = [
        Item("Override", labels.OVERRIDES[final.override]),
        Item("Authority", capital(final.authority.rule)),
        Item("Second person", final.checker.name if final.checker else "Not needed"),
    ]
    if final.checker_text:
        facts.append(Item("Comment of the second person", final.checker_text))
    facts.append(Item("Time in work", duration(timedelta(seconds=final.dwell_seconds))))
    return ResolutionView(
        is_final=True,
        title="Final decision",
        style=f"final-{final.outcome.value}",
        by=f"{final.maker.name}, {Moment.of(final.decided_at, zone).local}",
        outcome=labels.FINAL_OUTCOMES[final.outcome],
        loan=_loan_of(final),
        reason=final.reason_text,
        text=final.text,
        facts=tuple(facts),
        documents=document_items(final.documents),
        conditions=condition_items(conditions),
    )


def other_view(valid: FinalDecision, own: FinalDecision | None, zone: ZoneInfo = UTC_ZONE) -> ResolutionView:
    """The valid final decision on the page of another case, whose `own` final decision it overrides, if any."""
    view = final_view(valid, valid.conditions, zone)
    title = "Present final decision" if own is None else "Later final decision"
    return replace(view, title=title, case_id=str(valid.case_id))


def _loan_of(final: FinalDecision) -> str:
    amount, term, grade = final.amount, final.term, final.grade
    rate, instalment = final.annual_rate, final.instalment
    if amount is None or term is None or grade is None or rate is None or instalment is None:
        return ""
    return loan_text(OfferedLoan(amount, term, grade, rate, instalment))


def document_items(documents: tuple[DocumentPointer, ...]) -> tuple[Item, ...]:
    """Each document's type and date, with its digest."""
    return tuple(Item(f"{each.type}, {each.date}", each.sha256) for each in documents)


def condition_items(conditions: tuple[Condition, ...]) -> tuple[ConditionItem, ...]:
    """The conditions in their order."""
    return tuple(
        ConditionItem(
            each.number, each.text, *_CONDITIONS[each.state], each.reason, each.state is ConditionState.OPEN
        )
        for each in conditions
    )
