"""The part of a decision's page that says what would change it: worked out once the page is shown."""

from uuid import UUID

from nicegui import ui

from entrypoints.ui.access.sessions import LoggedOut
from entrypoints.ui.decisions.counterfactual_view import CounterfactualView, counterfactual_view
from entrypoints.ui.shared.error_messages import fault_of, telling_faults
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Words, alert, box, card


def draw_counterfactual(decision_id: UUID, visit: PageContext) -> None:
    """A card that fills itself."""
    with card("What would change this decision", "changing"):
        finding = box("div", "finding-within").props("aria-live=polite aria-busy=true")
    with finding, box("div", "working"):
        ui.spinner(size="1.5em")
        Words("span", "Asking the model and the policy that decided…")

    async def explain() -> None:
        try:
            view = counterfactual_view(await visit.use_cases.find_counterfactual(decision_id, by=visit.actor()))
        except LoggedOut:
            raise
        except Exception as error:
            fault = fault_of(error, where="/decisions")
            finding.clear()
            with finding:
                reference = f" Reference {fault.reference}" if fault.reference else ""
                alert(f"{fault.text}{reference}", "careful", title="It cannot be told here")
        else:
            finding.clear()
            with finding:
                _draw(view)
        finding.props(remove="aria-busy")

    ui.timer(0.0, telling_faults(explain, where="/decisions"), once=True)


def _draw(view: CounterfactualView) -> None:
    if not view.ways:
        Words("p", view.none, "note")
        return
    with box("ul", "ways"):
        for way in view.ways:
            with box("li"):
                Words("span", way.sentence)
                Words("span", way.terms, "ground-detail")
                if way.remark:
                    Words("span", way.remark, "ground-detail")
    Words("p", view.caveat, "note caveat")
