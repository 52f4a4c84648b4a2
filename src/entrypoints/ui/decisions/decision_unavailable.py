"""The page of a decision that cannot be read, or is withheld from the viewer."""

from uuid import UUID

from domain.cases.resolution_errors import OwnViewRequired
from domain.decisions.unreadable_decision import UnreadableDecision
from entrypoints.ui.decisions.decision_identifier import draw_identifier
from entrypoints.ui.shared.formats import sentence, timestamp
from entrypoints.ui.shared.widgets import alert, anchor, box, card, definition, page_header


def draw_unreadable(decision: UnreadableDecision) -> None:
    """Draw what is known of the decision, and what to do."""
    with page_header("Decision", f"Decided {timestamp(decision.decided_at)}"):
        draw_identifier(str(decision.decision_id))
        anchor("Back to decisions", "/decisions", "button-secondary screen-only back-to-list")
    alert(
        f"{sentence(decision.problem)} The record itself was not touched. Ask an operator to run "
        "`scoring audit verify`, which says whether it was changed.",
        "error",
        title="The record of this decision cannot be read",
    )
    with card("Record"), box("dl", "definitions"):
        definition("Decided", timestamp(decision.decided_at))
        definition("Requested by", decision.requested_by)
        definition("SHA-256 of the document", decision.digest or "Not available")


def draw_withheld(decision_id: UUID, error: OwnViewRequired) -> None:
    """Lead to the case, in which the viewer enters an own view first."""
    with page_header("Decision", "Withheld until you have entered your own view"):
        draw_identifier(str(decision_id))
        anchor("Back to decisions", "/decisions", "button-secondary screen-only back-to-list")
    alert(
        f"{sentence(str(error))} It protects your view from the score's influence.",
        "info",
        title="Your own view comes first",
    )
    anchor("Open the case", f"/cases/{error.case_id}", "button-primary")
