"""The forms of a case's page. They are drawn once, and shown when they can be used."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from functools import partial

from nicegui import ui

from application.use_cases.cases.read_cases import CaseView
from domain.applications.money import Money
from domain.cases.case_state import CaseState
from domain.cases.case_text import MAX_CASE_TEXT
from domain.cases.counter_offer import CounterOfferNotApproved
from domain.cases.proposal import WantedResolution
from domain.policies.final_outcome import FinalOutcome
from entrypoints.ui.applications.draft import texts_in
from entrypoints.ui.cases.case_access import Act, CaseAccess
from entrypoints.ui.cases.case_head import CaseHead
from entrypoints.ui.cases.resolution_form import ResolutionForm
from entrypoints.ui.cases.resolution_preview import ResolutionPreview, preview_of
from entrypoints.ui.cases.second_approval_form import SecondApprovalForm
from entrypoints.ui.cases.text_form import CaseForm, FormTexts, draw_text_form
from entrypoints.ui.cases.view_form import OWN_VIEW, QUALITY_REVIEW, ViewForm
from entrypoints.ui.shared.choice_input import ChoiceInput
from entrypoints.ui.shared.formats import sentence

_QUESTION = FormTexts(
    "Ask the applicant",
    "What is needed",
    "Ask and stop the clock",
    "contact_support",
    "The due time stops until you record the answer. The letter that asks for it is due under Notices.",
)
_ANSWER = FormTexts(
    "Applicant's answer", "What was received", "Record answer", "mark_email_read", classes="decision-form"
)
_NOTE = FormTexts("Note", "Note for everyone who reads this case", "Add note", "sticky_note_2")


class CaseForms:
    """The forms. What is typed in them stays until it is submitted."""

    def __init__(self, access: CaseAccess, months: Iterable[int]) -> None:
        self._access, cases = access, access.use_cases
        self.own_view = ViewForm("own-view", OWN_VIEW, self._view("own view", cases.enter_own_view), self.fill)
        self.approval = SecondApprovalForm(self._decide, self.fill)
        self.resolution = ResolutionForm(months, self._preview_offer, self._resolve, self.fill)
        quality = self._view("quality review", cases.quality_review)
        self.quality = ViewForm("quality", QUALITY_REVIEW, quality, self.fill)
        self.answer = self._text("answer", _ANSWER, cases.receive_information, "Answer recorded")
        self.question = self._text("question", _QUESTION, cases.request_information, "Question recorded")
        self.note = self._text("note", _NOTE, cases.add_note, "Note added")

    @property
    def elements(self) -> dict[str, ui.input | ui.textarea | ChoiceInput]:
        """All fields by name, whose entries the draft of the page keeps."""
        return {
            **self.resolution.elements,
            **self.own_view.elements,
            **self.quality.elements,
            "approval": self.approval.text,
            **self.answer.fields,
            **self.question.fields,
            **self.note.fields,
        }

    @property
    def has_entries(self) -> bool:
        """Whether anything is typed."""
        return any((element.value or "").strip() for element in self.elements.values())

    def fill(self, given: object) -> bool:
        """Enter what the browser has in the fields, of which the server may not have the last keys yet.

        False if the entries were submitted already: a second click sends them again.
        """
        entries = self._access.writes.draft.entries_in(given)
        if entries is not None:
            self.enter(texts_in(entries, self.elements, MAX_CASE_TEXT))
        return entries is not None

    def enter(self, texts: Mapping[str, str]) -> None:
        """Enter the texts."""
        self.resolution.fill(texts)
        for name, element in self.elements.items():
            if name in texts and name not in self.resolution.elements:
                element.value = texts[name]

    async def show(self, view: CaseView, state: CaseState, head: CaseHead) -> None:
        """Show the forms that can be used now."""
        authority, held = view.authority, head.held
        own_view = authority is not None and authority.own_view_required
        works = held and state is CaseState.ASSIGNED
        await self.resolution.show_authority(authority)
        self.resolution.form.show(
            usable=works and authority is not None and not authority.cannot_resolve and not own_view
        )
        self.own_view.form.show(usable=held and own_view and state is not CaseState.AWAITING_SECOND_APPROVAL)
        checks = held and state is CaseState.AWAITING_SECOND_APPROVAL
        self.approval.form.show(usable=checks and authority is not None and not authority.cannot_check)
        reviews = state is CaseState.RESOLVED and authority is not None and not authority.cannot_review_quality
        self.quality.form.show(usable=reviews)
        self.question.show(usable=works)
        self.answer.show(usable=held and state is CaseState.AWAITING_APPLICANT)
        self.note.show(usable=held)

    def _text(self, name: str, texts: FormTexts, write: Act, done: str) -> CaseForm:
        async def submit(button: ui.button, message: ui.element) -> None:
            text = form.fields[name].value.strip()
            act = partial(write, self._access.case_id, text)
            await self._access.submit(
                [name, text], act, button=button, message=message, clear=form.clear, done=done
            )

        form = draw_text_form(name, texts, submit, self.fill)
        return form

    def _view(self, name: str, write: Act) -> Callable[..., Awaitable[None]]:
        async def submit(
            outcome: FinalOutcome, text: str, button: ui.button, message: ui.element, clear: Callable[[], None]
        ) -> None:
            act = partial(write, self._access.case_id, outcome, text)
            content = [name, outcome.value, text]
            await self._access.submit(content, act, button=button, message=message, clear=clear, done="Recorded")

        return submit

    async def _resolve(self, wanted: WantedResolution, button: ui.button, message: ui.element) -> None:
        act = partial(self._access.use_cases.resolve, self._access.case_id, wanted)
        clear = self.resolution.clear
        await self._access.submit(wanted, act, button=button, message=message, clear=clear, done="Recorded")

    async def _decide(self, approve: bool, text: str, button: ui.button, message: ui.element) -> None:
        act = partial(self._access.use_cases.second_approval, self._access.case_id, approve=approve, text=text)
        content, done = ["second approval", approve, text], "Approved" if approve else "Refused"
        clear = self.approval.form.clear
        await self._access.submit(content, act, button=button, message=message, clear=clear, done=done)

    async def _preview_offer(self, amount: Money, term: int) -> ResolutionPreview:
        actor, _ = self._access.seen()
        try:
            offer = await self._access.use_cases.preview_offer(self._access.case_id, amount, term, by=actor)
        except CounterOfferNotApproved as refused:
            return ResolutionPreview(problem=sentence(str(refused)))
        return preview_of(offer)
