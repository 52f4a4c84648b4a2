"""The form that issues the letter of a notice."""

from collections.abc import Awaitable, Callable

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.notices.content import LONGEST_LINE, MOST_LINES, Addressee, InvalidAddressee
from entrypoints.ui.applications.draft import CURRENT
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.live import pressed_by
from entrypoints.ui.shared.widgets import box, card

LONGEST_ADDRESS = (LONGEST_LINE + 1) * MOST_LINES

Act = Callable[[Addressee | None, ui.button, ui.element], Awaitable[None]]
Fill = Callable[[object], bool]
"""Enters what the browser has in the fields; False if it was submitted already."""


class IssueForm:
    """The addressee, and the buttons that preview and issue the letter."""

    def __init__(self, preview: Act, issue: Act, fill: Fill) -> None:
        self._preview, self._issue, self._fill = preview, issue, fill
        note = "Name and address are printed on the letter, and stored in it only."
        with (
            card("Issue the letter", "decision-form", note=note) as self.root,
            box("form", "case-form").props("novalidate").mark("issue-form") as element,
        ):
            self.message = box("div", "case-form-error").props("aria-live=assertive")
            self.name = ui.input("Name of the applicant (optional)").mark("addressee-name")
            self.name.props(f"outlined stack-label autocomplete=off maxlength={LONGEST_LINE}")
            self.address = ui.textarea("Postal address, one line each (optional)").mark("addressee-address")
            self.address.props(f"outlined stack-label autogrow rows=3 maxlength={LONGEST_ADDRESS}")
            self.address.props["hint"] = "Left empty, the letter has room for both."
            with box("div", "form-actions"):
                self._preview_button = ui.button("Update preview").props("outline no-caps icon=visibility")
                self.button = ui.button("Issue letter").props("unelevated no-caps type=submit icon=drafts")
                self.button.classes("button-primary")
        pressed_by(self.button, "i")
        self._preview_button.on("click", self._previewed, js_handler=CURRENT)
        element.on("submit.prevent", self._submitted, js_handler=CURRENT)

    @property
    def fields(self) -> dict[str, ui.input | ui.textarea]:
        """The fields by their names on the page."""
        return {"addressee-name": self.name, "addressee-address": self.address}

    def show(self, *, usable: bool, can_be_issued: bool) -> None:
        """Show the form while the notice is due; the letter can be issued if it can be made."""
        self.root.visible = usable
        self.button.enabled = can_be_issued

    def clear(self) -> None:
        """Empty the fields."""
        for each in self.fields.values():
            each.value, each.error = "", None

    def read(self) -> tuple[bool, Addressee | None]:
        """Whether the entries are valid, and the addressee if there is one. Errors are shown."""
        self.name.error = self.address.error = None
        name = (self.name.value or "").strip()
        lines = tuple(line.strip() for line in (self.address.value or "").splitlines() if line.strip())
        if not name and not lines:
            return True, None
        if not name:
            self.name.error = "Required with an address"
            return False, None
        try:
            return True, Addressee(name, lines)
        except InvalidAddressee as fault:
            self.address.error = sentence(str(fault))
            return False, None

    async def _previewed(self, event: GenericEventArguments) -> None:
        await self._act(event, self._preview, self._preview_button)

    async def _submitted(self, event: GenericEventArguments) -> None:
        await self._act(event, self._issue, self.button)

    async def _act(self, event: GenericEventArguments, act: Act, button: ui.button) -> None:
        if not self._fill(event.args):
            return
        valid, addressee = self.read()
        if valid:
            await act(addressee, button, self.message)
