"""The card of the loan on the page of its application."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID, uuid4

from nicegui import ui

from application.ports.decisions.idempotency import IdempotencyKey
from application.ports.outcomes.loan_outcomes import LoanConflict, LoanUnreadable
from application.use_cases.outcomes.record_loan_outcome import Correction, LoanChanged
from domain.access.user import Permission
from domain.outcomes.loan import Loan, LoanRuleViolation, NoLoan
from domain.outcomes.loan_outcome import InvalidLoanOutcome, LoanOutcome
from entrypoints.ui.outcomes.loan_view import LoanView, OutcomeEntry, loan_view
from entrypoints.ui.outcomes.outcome_form import OutcomeForm, dialog_texts, draw_heading
from entrypoints.ui.shared.error_messages import error_message_for, reporting_errors
from entrypoints.ui.shared.formats import sentence
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.section import Section
from entrypoints.ui.shared.widgets import Text, alert, answer_of, box, card, chip, definition

_WHERE = "/applications"


@dataclass(slots=True)
class LoanCard:
    """The loan as last loaded, empty unless the application is accepted. An outcome is recorded once."""

    context: PageContext
    application_id: UUID
    changed: Callable[[], Awaitable[None]]
    asking: bool = False
    section: Section[LoanView | str] = field(init=False)
    dialogs: ui.element = field(init=False)
    keys: dict[object, IdempotencyKey] = field(default_factory=dict)

    def __post_init__(self) -> None:
        with box("div"):
            self.section = Section(box("div"), self._draw)
            self.dialogs = box("div")

    async def show(self) -> None:
        """Load the loan, and redraw it if it has changed."""
        actor = self.context.actor(active=False)
        try:
            stored = await self.context.use_cases.outcomes.read(self.application_id, by=actor)
        except NoLoan:
            self.section.show("")
        except LoanUnreadable as error:
            self.section.show(sentence(str(error)))
        else:
            self.section.show(loan_view(stored, self.context.zone))

    def _draw(self, view: LoanView | str) -> None:
        if isinstance(view, str):
            if view:
                with card("Loan"):
                    alert(view, "error", title="The loan cannot be read")
            return
        may_record = self.context.actor(active=False).may(Permission.RECORD_LOAN_OUTCOMES)
        with card("Loan", "loan-card", note=view.as_of):
            chip(view.status, view.style, view.icon_name)
            Text("p", view.label, "loan-label")
            with box("dl", "definitions"):
                for label, text in view.facts:
                    definition(label, text)
            if view.entries:
                Text("h3", "Outcomes, newest first")
                with box("ol", "loan-history").props("reversed"):
                    for entry in view.entries:
                        self._draw_entry(entry, view.loan, may_record=may_record)
            if may_record:
                with box("div", "batch-actions screen-only"):
                    button = ui.button("Record outcome", on_click=self._asking(view.loan, None))
                    button.props("unelevated no-caps icon=add_task data-focus=outcome").classes("button-primary")

    def _draw_entry(self, entry: OutcomeEntry, loan: Loan, *, may_record: bool) -> None:
        with box("li"):
            Text("p", entry.title, "corrected" if entry.corrected else "strong")
            for detail in (*entry.details, entry.correction, entry.corrected, entry.recorded):
                if detail:
                    Text("p", detail, "timeline-detail")
            if may_record and not entry.corrected:
                number = entry.outcome.number
                button = ui.button("Correct", on_click=self._asking(loan, entry.outcome))
                button.props(f"flat no-caps dense icon=edit data-focus=correct-{number}").classes("button-text")
                button.props["aria-label"] = f"Correct outcome {number}"
                button.mark(f"correct-{number}")

    def _asking(self, loan: Loan, corrected: LoanOutcome | None) -> Callable[[], Awaitable[None]]:
        async def ask() -> None:
            if self.asking:  # a double click must not ask twice
                return
            self.asking = True
            try:
                with self.dialogs:  # the button is redrawn with the card
                    await reporting_errors(partial(self._ask, loan, corrected), where=_WHERE)()
            finally:
                self.asking = False

        return ask

    async def _ask(self, loan: Loan, corrected: LoanOutcome | None) -> None:
        """Show the dialog until an outcome is recorded or the user goes back."""
        form, texts, dialog = OutcomeForm(loan, corrected), dialog_texts(corrected), ui.dialog()
        dialog.props["aria-label"] = texts["title"]
        with dialog, box("div", "card dialog outcome-dialog"):
            draw_heading(texts)
            form.draw()
            message = box("div").props("aria-live=assertive")

            async def confirm() -> None:
                message.clear()
                with message:
                    if await self._record(form):
                        dialog.submit(True)

            with box("div", "batch-actions"):
                ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
                button = ui.button(texts["action"], on_click=reporting_errors(confirm, where=_WHERE))
                button.props("unelevated no-caps").classes("button-primary").mark("confirm-outcome")
        await answer_of(dialog)
        await self.changed()

    async def _record(self, form: OutcomeForm) -> bool:
        """Record what the form states; False if it cannot be, with messages."""
        stated = form.stated()
        if stated is None:
            return False
        correction = None if form.corrected is None else Correction(form.corrected.outcome_id, form.reason)
        key = self.keys.setdefault((stated, correction, form.loan.version), IdempotencyKey(str(uuid4())))
        try:
            recorded = await self.context.use_cases.outcomes.record(
                self.application_id,
                stated,
                by=self.context.actor(),
                correction=correction,
                key=key,
                version=form.loan.version,
            )
        except InvalidLoanOutcome as error:
            if others := form.show_faults(error):
                alert(others, "error")
            return False
        except (LoanRuleViolation, LoanChanged, LoanConflict) as error:
            found = error_message_for(error, _WHERE)
            alert(found.details, "error", title=found.title)
            return False
        done = "This outcome was recorded before" if recorded.repeated else "Outcome recorded"
        ui.notify(done, type="positive", position="top", timeout=1500)
        return True
