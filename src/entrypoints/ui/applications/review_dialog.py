"""The review before submission: values that are possible but usually a slip, to confirm or to correct."""

from collections.abc import Sequence

from nicegui import ui

from domain.applications.loan_application import LoanApplication
from domain.products.plausibility import PlausibilityCheck
from domain.products.product_definition import ProductDefinition
from entrypoints.ui.applications.application_values import value_texts
from entrypoints.ui.shared.widgets import Text, answer_of, box

_TITLE = "review-title"


async def confirmed_in_review(
    checks: Sequence[PlausibilityCheck], application: LoanApplication, product: ProductDefinition
) -> bool:
    """Whether the user confirms the questionable values; False if the user goes back.

    No button has the focus when the review opens, so that pressing Enter twice does not confirm.
    """
    values = value_texts(application, product)
    with ui.dialog().props(f"aria-labelledby={_TITLE} no-refocus") as dialog, box("div", "card review"):
        Text("h2", "Please check these values").props(f"id={_TITLE}")
        Text("p", "They are possible, but unusual. Nothing has been submitted yet.", "note")
        with box("dl", "review-list"):
            for name in dict.fromkeys(check.field for check in checks):
                Text("dt", f"{product.field_by_name[name].label}: {values[name]}")
                for check in checks:
                    if check.field == name:
                        Text("dd", check.question)
        with box("div", "form-actions"):
            back = ui.button("Go back", on_click=dialog.close).props("flat no-caps")
            back.classes("button-text")
            confirm = ui.button("Confirm and assess", on_click=lambda: dialog.submit(True))
            confirm.props("unelevated no-caps").classes("button-primary")
    confirmed = await answer_of(dialog)
    return bool(confirmed)
