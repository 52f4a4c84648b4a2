"""How conditions of a resolution are met or waived."""

from functools import partial

from nicegui import ui

from domain.cases.resolution import ConditionState
from entrypoints.ui.cases.case_access import CaseAccess
from entrypoints.ui.cases.resolution_view import ConditionItem
from entrypoints.ui.cases.text_form import text_area
from entrypoints.ui.shared.widgets import Text, answer_of, box


class ConditionChanges:
    """Draws the buttons of open conditions, and asks for the reason."""

    def __init__(self, access: CaseAccess, message: ui.element) -> None:
        self._access, self._message = access, message
        self._dialogs = box("div")
        self._asking = False

    def draw_buttons(self, condition: ConditionItem) -> None:
        """Draw how one condition is changed."""
        with box("div", "button-row"):
            for title, state in (("Met", ConditionState.MET), ("Waive", ConditionState.WAIVED)):
                button = ui.button(title, on_click=partial(self._change, condition, state))
                button.props(f'outline dense no-caps aria-label="{title}: condition {condition.number}"')
                button.props(f"data-focus=condition-{condition.number}-{state.value}")

    async def _change(self, condition: ConditionItem, state: ConditionState) -> None:
        if self._asking:  # a double click must not ask twice
            return
        self._asking = True
        try:
            with self._dialogs:  # the button may be redrawn before the user responds
                reason = await _ask_for_reason(condition.text, state)
            if reason is None:
                return
            access = self._access
            act = partial(access.use_cases.change_condition, access.case_id, condition.number, state, reason)
            content = ["condition", condition.number, state.value, reason]
            await access.submit(content, act, message=self._message, done="Recorded")
        finally:
            self._asking = False


async def _ask_for_reason(condition: str, state: ConditionState) -> str | None:
    """The reason, "" if none is needed and given; None if the user goes back."""
    waived = state is ConditionState.WAIVED
    question = "Waive this condition?" if waived else "Is this condition met?"
    dialog = ui.dialog()
    dialog.props["aria-label"] = question
    with dialog, box("div", "card dialog reason-dialog"):
        Text("h2", question)
        Text("p", condition)
        reason = text_area("Reason" if waived else "How it was met (optional)")
        with box("div", "batch-actions"):
            ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")

            def confirm() -> None:
                text = (reason.value or "").strip()
                reason.error = "Required" if waived and not text else None
                if text or not waived:
                    dialog.submit(text)

            button = ui.button("Waive" if waived else "Met", on_click=confirm)
            button.props("unelevated no-caps").classes("button-primary").mark("confirm")
    answer = await answer_of(dialog)
    return answer if isinstance(answer, str) else None
