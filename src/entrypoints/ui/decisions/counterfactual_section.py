"""The decision page's card of counterfactuals, computed after the page is shown."""

from uuid import UUID

from nicegui import ui

from entrypoints.ui.access.sessions import LoggedOut
from entrypoints.ui.decisions.counterfactual_view import CounterfactualView, counterfactual_view
from entrypoints.ui.shared.error_messages import error_message_for, reporting_errors
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, alert, box, card


def draw_counterfactual(decision_id: UUID, context: PageContext) -> None:
    with card("What would lead to approval", "counterfactual"):
        result = box("div", "counterfactual-result").props("aria-live=polite aria-busy=true")
    with result, box("div", "loading"):
        ui.spinner(size="1.5em")
        Text("span", "Calculating…")

    async def explain() -> None:
        try:
            explanation = await context.use_cases.find_counterfactual(decision_id, by=context.actor())
            view = counterfactual_view(explanation, await context.use_cases.read_product_of(explanation.record))
        except LoggedOut:
            raise
        except Exception as error:
            message = error_message_for(error, where="/decisions")
            result.clear()
            with result:
                alert(message.details, "warning", title="Not available")
        else:
            result.clear()
            with result:
                _draw(view)
        result.props(remove="aria-busy")

    ui.timer(0.0, reporting_errors(explain, where="/decisions"), once=True)


def _draw(view: CounterfactualView) -> None:
    if not view.options:
        Text("p", view.empty_text, "note")
        return
    with box("ul", "option-list"):
        for option in view.options:
            with box("li"):
                Text("span", option.sentence)
                Text("span", option.terms, "item-detail")
                if option.remark:
                    Text("span", option.remark, "item-detail")
    Text("p", view.disclaimer, "note disclaimer")
