"""The form that resolves a case. It shows the loan and the authority before anything is tried."""

from collections.abc import Awaitable, Callable, Iterable, Mapping

from nicegui import ui
from nicegui.events import GenericEventArguments

from domain.applications.money import Money
from domain.cases.case_authority import CaseAuthority
from domain.cases.proposal import WantedResolution
from domain.notices.principal_reasons import OTHER
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.applications.draft import CURRENT
from entrypoints.ui.cases.document_inputs import DocumentInputs
from entrypoints.ui.cases.resolution_entries import (
    InvalidEntries,
    amount_in,
    outcome_in,
    resolution_from,
    term_in,
)
from entrypoints.ui.cases.resolution_preview import (
    ResolutionPreview,
    offers_text,
    outcome_authority,
    preview_of,
)
from entrypoints.ui.cases.text_form import CaseForm, Fill, submit_button, text_area
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.widgets import Text, box, card, icon

ACTIONS: Mapping[FinalOutcome, str] = {
    FinalOutcome.APPROVED: "Approve as requested",
    FinalOutcome.COUNTER_OFFER: "Make a counter-offer",
    FinalOutcome.DECLINED: "Decline",
}
_ICONS = {"alone": "verified", "second": "how_to_reg", "impossible": "block"}


PreviewOffer = Callable[[Money, int], Awaitable[ResolutionPreview]]
Resolve = Callable[[WantedResolution, ui.button, ui.element], Awaitable[None]]


class ResolutionForm:
    """The form and its live preview. Choices follow the outcome, and the texts of other outcomes are kept."""

    def __init__(
        self,
        months: Iterable[int],
        preview_offer: PreviewOffer,
        resolve: Resolve,
        fill: Fill,
    ) -> None:
        self._months = months
        self._preview_offer, self._resolve, self._fill = preview_offer, resolve, fill
        self._known: CaseAuthority | None = None
        self._latest_request = 0
        with card("Resolve", "decision-form") as root:
            self.form = CaseForm(root)
            with box("form", "case-form").props("novalidate").mark("resolution-form") as element:
                self._message = box("div", "case-form-error").props("aria-live=assertive")
                self._draw_fields()
                self._authority = box("div", "authority").props("aria-live=polite")
                self._authority.visible = False
                with box("div", "form-actions"):
                    self._button = submit_button("Resolve", "gavel", main=True)
        self.form.buttons.append(self._button)
        element.on("submit.prevent", self._submitted, js_handler=CURRENT)

    def _draw_fields(self) -> None:
        choices = {outcome.value: text for outcome, text in ACTIONS.items()}
        self.outcome = ChoiceInput(choices, label="Decision").props("outlined stack-label").mark("outcome")
        self.outcome.props("data-focus=outcome")
        with box("div", "offer-fields") as self._offer:
            self.amount = ui.input("Amount", prefix="$").props(
                "outlined stack-label inputmode=decimal debounce=400"
            )
            months = {str(term): f"{term} months" for term in self._months}
            self.term = ChoiceInput(months, label="Term").props("outlined stack-label").mark("term")
            self.amount.mark("amount")
        self._loan = box("div", "offer-result").props("aria-live=polite")
        self._loan.visible = False
        self.reason = ChoiceInput({}, label="Reason").props("outlined stack-label").mark("reason")
        self.text = text_area("Explanation").mark("text")
        self._in_letter = Text("p", "The letter to the applicant states this explanation.", "note")
        self._in_letter.visible = False
        self._in_letter.props("aria-live=polite")
        self.reason.on_value_change(self._show_reader)
        self.conditions = text_area("Conditions, one per line (optional)", rows=2).mark("conditions")
        self.documents = DocumentInputs()
        self.form.fields |= {"text": self.text, "conditions": self.conditions, "amount": self.amount}
        for element in (self.outcome, self.amount, self.term):
            element.on_value_change(self.show_outcome)

    @property
    def elements(self) -> dict[str, ui.input | ui.textarea | ChoiceInput]:
        """The fields by name, whose entries the draft of the page keeps."""
        return {
            "outcome": self.outcome,
            "amount": self.amount,
            "term": self.term,
            "reason": self.reason,
            "text": self.text,
            "conditions": self.conditions,
            "documents": self.documents.kept,
        }

    def fill(self, texts: Mapping[str, str]) -> None:
        """Enter the texts of a draft."""
        for name, element in self.elements.items():
            if name in texts and name != "documents":
                element.value = texts[name]
        if "documents" in texts and texts["documents"] != (self.documents.kept.value or ""):
            self.documents.show(texts["documents"])

    def clear(self) -> None:
        """Empty the form after it was submitted."""
        self.form.clear()
        for element in (self.outcome, self.term, self.reason):
            element.value = ""
        self.documents.show("")

    async def show_authority(self, authority: CaseAuthority | None) -> None:
        """Show the choices and the authority that the viewer has now."""
        if authority != self._known:
            self._known = authority
            await self.show_outcome()

    async def show_outcome(self) -> None:
        """Show the fields, the loan and the authority for the selected outcome."""
        outcome = outcome_in(self.outcome.value)
        known = None if outcome is None else outcome_authority(self._known, outcome)
        self._offer.visible = outcome is FinalOutcome.COUNTER_OFFER and not (known and known.refused)
        self.conditions.visible = outcome is None or outcome.lends
        self._show_reasons(outcome)
        self._show_reader()
        self._latest_request += 1
        request = self._latest_request
        preview = await self._preview(outcome)
        if request == self._latest_request:
            self._draw_preview(preview, outcome)

    def _show_reasons(self, outcome: FinalOutcome | None) -> None:
        known = None if outcome is None else outcome_authority(self._known, outcome)
        reasons = () if known is None else known.reasons
        self.reason.props["options"] = [[reason.code, reason.text] for reason in reasons]
        self.reason.update()
        if self.reason.value and self.reason.value not in {reason.code for reason in reasons}:
            self.reason.value = ""

    def _show_reader(self) -> None:
        """Say that the applicant reads the explanation, where it is the reason itself."""
        outcome = outcome_in(self.outcome.value)
        against = outcome is not None and outcome is not FinalOutcome.APPROVED
        self._in_letter.visible = against and self.reason.value == OTHER

    async def _preview(self, outcome: FinalOutcome | None) -> ResolutionPreview:
        known = None if outcome is None else outcome_authority(self._known, outcome)
        if known is None:
            return ResolutionPreview()
        if outcome is not FinalOutcome.COUNTER_OFFER or known.refused:
            return preview_of(known)
        amount, term = amount_in(self.amount.value or ""), term_in(self.term.value or "")
        if amount is None or term is None:
            return ResolutionPreview(offers_text(self._known))
        return await self._preview_offer(amount, term)

    def _draw_preview(self, preview: ResolutionPreview, outcome: FinalOutcome | None) -> None:
        self._loan.clear()
        self._loan.visible = bool(preview.loan or preview.problem)
        with self._loan:
            if preview.problem:
                Text("p", preview.problem, "field-error")
            elif preview.loan:
                Text("p", preview.loan, "strong")
        self._authority.clear()
        self._authority.visible = preview.authority is not None
        needs_second = False
        if preview.authority is not None:
            needs_second = preview.authority.kind == "second"
            with self._authority:
                if preview.authority.limit:
                    Text("p", preview.authority.limit)
                with box("p", f"authority-{preview.authority.kind}"):
                    icon(_ICONS[preview.authority.kind])
                    Text("span", preview.authority.consequence)
        own = ACTIONS[outcome] if outcome else "Resolve"
        self._button.visible = preview.authority is None or preview.authority.kind != "impossible"
        self._button.text = "Propose to a second person" if needs_second else own

    async def _submitted(self, event: GenericEventArguments) -> None:
        if not self._fill(event.args):
            return
        entries = {name: element.value for name, element in self.elements.items()}
        try:
            wanted = resolution_from(entries)
        except InvalidEntries as error:
            self._show_errors(error.errors)
            return
        self._show_errors({})
        await self._resolve(wanted, self._button, self._message)

    def _show_errors(self, errors: Mapping[str, str]) -> None:
        for name, element in self.elements.items():
            if name == "documents":
                self.documents.show_error(errors.get(name))
            else:
                element.error = errors.get(name)
