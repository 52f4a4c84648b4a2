"""The application of a decision, in short: its state, and the link to its page."""

from zoneinfo import ZoneInfo

from application.use_cases.applications.read_applications import ApplicationNotFound, PresentApplication
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from domain.decisions.decision_record import DecisionRecord
from entrypoints.ui.applications.application_view import STATE_CHIPS, meaning_of
from entrypoints.ui.shared import labels
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, anchor, card, chip


async def read_application_of(record: DecisionRecord, context: PageContext) -> PresentApplication | None:
    """The application that a decision belongs to; None for a trial run, or if the user may not read it."""
    try:
        return await context.use_cases.applications.find(record.decision_id, by=context.actor())
    except (ApplicationNotFound, DecisionUnreadable):
        return None


def draw_application_card(application: PresentApplication, zone: ZoneInfo) -> None:
    """Draw the state of the application, and whether a later decision supersedes others."""
    style, icon_name = STATE_CHIPS[application.state]
    with card("Application state", "application-card screen-only"):
        chip(labels.APPLICATION_STATES[application.state], style, icon_name)
        Text("p", meaning_of(application, zone))
        count = len(application.stored.decision_ids)
        if count > 1:
            Text("p", f"The application has {count} decisions; the newest one counts.", "note")
        anchor("Open application", f"/applications/{application.life.application_id}", "screen-only")
