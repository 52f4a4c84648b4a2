"""What a person decided last on a decision, on the decision's page."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from domain.access.user import Actor, Permission
from domain.cases.final_decision import FinalDecision
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.applications.application_values import Item
from entrypoints.ui.decisions.next_action import SEE_NOTICE, NextAction
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import money, percent
from entrypoints.ui.shared.theme import OUTCOME_ICONS
from entrypoints.ui.shared.time_zone import UTC_ZONE, Moment
from entrypoints.ui.shared.widgets import anchor, box, card, chip, definition


@dataclass(frozen=True, slots=True)
class FinalDecisionView:
    """The card: `outcome` is the stored value, `label` its text; `case_id` is "" for those who read no cases.

    `meaning` is what the system's outcome, above the card, means now.
    """

    outcome: str
    label: str
    meaning: str
    decided: str
    items: tuple[Item, ...]
    case_id: str
    next_action: NextAction


def final_decision_view(final: FinalDecision, by: Actor, zone: ZoneInfo = UTC_ZONE) -> FinalDecisionView:
    """The view; who decided and why, only for those who may see what drove a decision."""
    items = [Item("Reason", final.reason_text)]
    if final.amount is not None:
        items.insert(0, Item("Loan", _loan(final)))
    if by.may(Permission.EXPLAIN_DECISIONS):
        items += [
            Item("Override", labels.OVERRIDES[final.override]),
            Item("Explanation", final.text),
            Item("Decided by", f"{final.maker.name} ({final.maker.role.value})"),
            Item(
                "Second person",
                "Not required" if final.checker is None else f"{final.checker.name} ({final.checker.role.value})",
            ),
            Item("Authority", final.authority.rule),
        ]
    items += [Item(f"Condition {each.number}", each.text) for each in final.conditions]
    return FinalDecisionView(
        final.outcome.value,
        labels.FINAL_OUTCOMES[final.outcome],
        f"The system's decision. An underwriter decided: {labels.FINAL_OUTCOMES[final.outcome].lower()}.",
        Moment.of(final.decided_at, zone).both,
        tuple(items),
        str(final.case_id) if by.may(Permission.READ_ALL_DECISIONS) else "",
        _next_action(final),
    )


def draw_final_decision(view: FinalDecisionView) -> None:
    """Draw the card."""
    with card("Final decision", "final-decision", note=f"Decided by a person {view.decided}"):
        chip(view.label, view.outcome, OUTCOME_ICONS[view.outcome])
        with box("dl", "definitions"):
            for item in view.items:
                definition(item.label, item.value)
        if view.case_id:
            anchor("Open the case", f"/cases/{view.case_id}", "button-secondary screen-only")


def _loan(final: FinalDecision) -> str:
    amount = "" if final.amount is None else money(final.amount)
    rate = "" if final.annual_rate is None else f" at {percent(final.annual_rate, 2)} per year"
    monthly = "" if final.instalment is None else f", {money(final.instalment)} per month"
    return f"{amount} over {final.term} months{rate}{monthly}"


def _next_action(final: FinalDecision) -> NextAction:
    if final.outcome is FinalOutcome.APPROVED:
        return NextAction("Offer the loan.", (f"{_loan(final)}.",))
    if final.outcome is FinalOutcome.COUNTER_OFFER:
        return NextAction("Make the counter-offer.", (f"{_loan(final)}.",))
    return NextAction("Send an adverse action notice.", (SEE_NOTICE,))
