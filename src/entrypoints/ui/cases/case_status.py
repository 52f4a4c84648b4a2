"""The state of the case below the title, with claim, release and reassignment."""

from functools import partial
from typing import Any

from nicegui import ui

from application.use_cases.access.manage_users import UserNotFound
from domain.cases.case_errors import UnsuitableAssignee
from entrypoints.ui.cases.case_access import Act, CaseAccess
from entrypoints.ui.cases.case_head import CaseHead
from entrypoints.ui.shared.live import OPEN_FORM, pressed_by
from entrypoints.ui.shared.widgets import Text, answer_of, box, chip, icon


class CaseStatus:
    """Draws the state and the buttons beside it."""

    def __init__(self, access: CaseAccess, message: ui.element) -> None:
        self._access, self._message = access, message
        self._dialogs = box("div")
        self._asking = False

    def draw(self, head: CaseHead) -> None:
        """Draw the state and the buttons that work now."""
        cases, case_id = self._access.use_cases, self._access.case_id
        with box("section", "card case-status").props('aria-label="State of the case"'):
            chip(head.state, head.style, head.icon_name)
            if head.due is not None:
                with box("span") as due:
                    due.props["title"] = head.due.detail
                    chip(head.due.text, head.due.style, head.due.icon_name)
            with box("p", "case-holder"):
                icon("person" if head.held else "person_outline")
                Text("span", head.holder)
            with box("div", "case-status-actions"):
                if head.can_claim:
                    claim = self._button("Claim", "person_add", partial(cases.claim, case_id))
                    pressed_by(claim, "c")
                if head.held:
                    resolve = ui.button("Go to the form").props("outline no-caps icon=edit_note")
                    resolve.on("click", js_handler=OPEN_FORM)
                    pressed_by(resolve, "r")
                    self._button("Release", "person_remove", partial(cases.release, case_id))
                if head.can_reassign:
                    reassign = ui.button("Reassign", on_click=self._reassign)
                    reassign.props("outline no-caps icon=swap_horiz data-focus=reassign")
            if head.obstacle:
                Text("p", head.obstacle, "note")

    def _button(self, title: str, icon_name: str, act: Act) -> ui.button:
        async def pressed() -> None:
            await self._access.submit(title, act, button=button, message=self._message)

        button = ui.button(title, on_click=pressed).props(f"outline no-caps icon={icon_name}")
        return button

    async def _reassign(self) -> None:
        if self._asking:  # a double click must not ask twice
            return
        self._asking = True
        try:
            with self._dialogs:  # the button may be redrawn before the user responds
                to = await ask_for_name()
            if to is None:
                return

            async def act(**who: Any) -> None:
                try:
                    await self._access.use_cases.reassign(self._access.case_id, to, **who)
                except UserNotFound:
                    raise UnsuitableAssignee(f"there is no user {to}: check the username") from None

            await self._access.submit(["reassign", to], act, message=self._message, done=f"Reassigned to {to}")
        finally:
            self._asking = False


async def ask_for_name() -> str | None:
    """The username of the person who gets the case; None if the user goes back."""
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Reassign this case?"
    with dialog, box("div", "card dialog reason-dialog"):
        Text("h2", "Reassign this case?")
        Text(
            "p",
            "The person holds it for up to 8 hours until they open it. The present holder loses it.",
        )
        name = ui.input("Username").props("outlined stack-label autofocus maxlength=100").mark("reassign-to")

        def confirm() -> None:
            text = (name.value or "").strip()
            name.error = None if text else "Required"
            if text:
                dialog.submit(text)

        name.on("keydown.enter", confirm)
        with box("div", "batch-actions"):
            ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
            button = ui.button("Reassign", on_click=confirm)
            button.props("unelevated no-caps").classes("button-primary").mark("confirm")
    answer = await answer_of(dialog)
    return answer if isinstance(answer, str) else None
