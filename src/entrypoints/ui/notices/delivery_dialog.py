"""The dialogs that ask before a letter is issued, and how it was delivered or came back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from nicegui import ui

from domain.notices.issuing import LONGEST_TEXT, DeliveryMethod
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.formats import day
from entrypoints.ui.shared.labels import DELIVERY_METHODS
from entrypoints.ui.shared.widgets import Text, answer_of, box


@dataclass(frozen=True, slots=True)
class Delivery:
    """How and when a letter was sent or came back, with a remark."""

    method: DeliveryMethod
    on: date
    text: str


async def confirmed_to_issue() -> bool:
    """Whether the user wants to issue the letter."""
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Issue this letter?"
    with dialog, box("div", "card dialog"):
        Text("h2", "Issue this letter?")
        Text(
            "p",
            "Its exact text is recorded and cannot change any more. You send it and record its delivery.",
        )
        _buttons(dialog, "Issue letter", lambda: dialog.submit(True))
    return bool(await answer_of(dialog))


async def ask_for_delivery(*, returned: bool, earliest: date, today: date) -> Delivery | None:
    """How the letter was sent, or came back; None if the user goes back. Days are those of the lender."""
    title = "Record that the letter came back?" if returned else "Record the delivery?"
    dialog = ui.dialog()
    dialog.props["aria-label"] = title
    with dialog, box("div", "card dialog delivery-dialog"):
        Text("h2", title)
        if returned:
            Text("p", "The notice then waits for another delivery. The letter stays as it is.")
        methods = {method.value: text for method, text in DELIVERY_METHODS.items()}
        method = ChoiceInput(methods, label="Method").props("outlined stack-label").mark("delivery-method")
        label = "Day on which it came back" if returned else "Day on which it was sent or handed over"
        on = ui.input(label, value=today.isoformat()).mark("delivery-day")
        on.props(f"outlined stack-label type=date min={earliest.isoformat()} max={today.isoformat()}")
        text = ui.textarea("Remark (optional)").mark("delivery-text")
        text.props(f"outlined stack-label autogrow maxlength={LONGEST_TEXT}")
        text.props["hint"] = "For example a tracking number. No personal data: remarks cannot be erased."

        def confirm() -> None:
            chosen = method.value or ""
            method.error = None if chosen else "Select an option"
            stated = _day(on.value or "")
            on.error = None
            if stated is None or not earliest <= stated <= today:
                on.error = f"Enter a day from {day(earliest)} to {day(today)}"
            elif chosen:
                dialog.submit(Delivery(DeliveryMethod(chosen), stated, (text.value or "").strip()))

        _buttons(dialog, "Record return" if returned else "Record delivery", confirm)
    answer = await answer_of(dialog)
    return answer if isinstance(answer, Delivery) else None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _buttons(dialog: ui.dialog, action: str, confirm: Callable[[], None]) -> None:
    with box("div", "batch-actions"):
        ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
        button = ui.button(action, on_click=confirm)
        button.props("unelevated no-caps").classes("button-primary").mark("confirm")
