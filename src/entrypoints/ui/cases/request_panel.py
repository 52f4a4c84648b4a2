"""Draws the applicant's request on the page of a case, and accepts a correction after asking."""

from collections.abc import Callable
from dataclasses import dataclass, field

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from domain.access.user import Actor
from entrypoints.ui.cases.case_access import CaseAccess
from entrypoints.ui.cases.request_view import RequestView
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, answer_of, box, card, chip


def draw_request(view: RequestView, draw_acceptance: Callable[[RequestView], None]) -> None:
    """Draw the request: what is on record beside what the applicant states."""
    with card("Applicant's request", "applicant-request", note=f"Received {view.received.local}"):
        with box("div", "button-row"):
            Text("span", view.title, "strong")
            if view.due is not None:
                with box("span") as due:
                    due.props["title"] = view.due.detail
                    chip(view.due.text, view.due.style, view.due.icon_name)
        if view.rows:
            _draw_rows(view)
        if view.text:
            Text("h3", "In the applicant's words", "case-subtitle")
            Text("p", view.text, "resolution-text")
        if view.answer:
            Text("p", view.answer, "strong")
        if view.obstacle:
            Text("p", view.obstacle, "note")
        if view.can_accept:
            draw_acceptance(view)


def _draw_rows(view: RequestView) -> None:
    scrolls = box("div", "table-scroll").props('tabindex=0 role=region aria-label="Stated values"')
    with scrolls, box("table", "comparison"):
        with box("thead"), box("tr"):
            Text("th", "Input").props("scope=col")
            Text("th", "On record").props("scope=col")
            Text("th", "Applicant states").props("scope=col")
        with box("tbody"):
            for row in view.rows:
                with box("tr"):
                    Text("th", row.label).props("scope=row")
                    Text("td", row.recorded)
                    Text("td", row.stated, "differs")


@dataclass(slots=True)
class CorrectionAcceptance:
    """Accepts a correction once, after the viewer confirmed that the values were verified."""

    context: PageContext
    access: CaseAccess
    message: ui.element
    dialogs: ui.element = field(default_factory=lambda: box("div"))
    asking: bool = False

    def draw(self, view: RequestView) -> None:
        """Draw the button."""

        async def accept() -> None:
            if self.asking:  # a double click must not ask twice
                return
            self.asking = True
            try:
                with self.dialogs:  # the button may be redrawn before the user responds
                    confirmed = await _confirmed()
                if confirmed:
                    await self._accept(view)
            finally:
                self.asking = False

        button = ui.button("Accept the correction", on_click=accept)
        button.props("unelevated no-caps icon=fact_check data-focus=accept-correction")
        button.classes("button-primary").mark("accept-correction")

    async def _accept(self, view: RequestView) -> None:
        use_case = self.context.use_cases.reconsiderations.accept_correction

        async def act(*, by: Actor, seen: int, key: IdempotencyKey) -> object:  # noqa: ARG001 - the request is the key
            return await use_case(
                view.application_id, view.reconsideration_id, by=by, seen=seen, received_through="web"
            )

        content = ["accept correction", str(view.reconsideration_id)]
        await self.access.submit(content, act, message=self.message, done="Decided again")


async def _confirmed() -> bool:
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Accept the correction?"
    with dialog, box("div", "card dialog"):
        Text("h2", "Accept the correction?")
        Text(
            "p",
            "You confirm that you verified what the applicant states. The system decides again with it, which "
            "finishes this case and answers the applicant. This cannot be undone.",
        )
        with box("div", "batch-actions"):
            ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
            button = ui.button("Accept and decide again", on_click=lambda: dialog.submit(True))
            button.props("unelevated no-caps").classes("button-primary").mark("confirm")
    return await answer_of(dialog) is True
