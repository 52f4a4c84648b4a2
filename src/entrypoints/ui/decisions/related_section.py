"""The applicant's other decisions, on the decision page."""

from dataclasses import dataclass

from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from domain.cases.resolution_errors import OwnViewRequired
from domain.decisions.decision_record import DecisionRecord
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.formats import money
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.time_zone import Moment
from entrypoints.ui.shared.widgets import Text, anchor, box, card

_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Related:
    """The number of related decisions, and the newest that can be read."""

    number: int
    newest: tuple[DecisionRecord, ...]


async def related_to(record: DecisionRecord, context: PageContext) -> Related:
    """The decisions that a record names as related."""
    found: list[DecisionRecord] = []
    for decision_id in record.circumstances.related[:_SHOWN]:
        try:
            found.append(await context.use_cases.read_decision(decision_id, by=context.actor()))
        except (DecisionNotFound, DecisionUnreadable, OwnViewRequired):
            continue
    return Related(len(record.circumstances.related), tuple(found))


def draw_related(related: Related, context: PageContext) -> None:
    """A card with a link to each of the newest; nothing without related decisions."""
    if not related.number:
        return
    with card("Other applications of the applicant", "related-decisions"):
        with box("ul", "related-list"):
            for record in related.newest:
                outcome = labels.OUTCOMES[record.decision.outcome]
                text = f"{outcome} · {money(record.application.terms.amount)}"
                with box("li"):
                    anchor(text, f"/decisions/{record.decision_id}")
                    Text("span", Moment.of(record.decided_at, context.zone).local, "item-detail")
        if related.number > len(related.newest):
            Text("p", f"{len(related.newest)} of {related.number} are shown.", "note")
