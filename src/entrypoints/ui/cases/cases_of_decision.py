"""The cases of a decision on its page, and the button that opens a review."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from nicegui import ui

from application.ports.cases.cases import CaseFilter
from application.use_cases.applications.read_applications import PresentApplication
from domain.access.user import Permission
from domain.applications.application_state import ApplicationState
from domain.cases.case_state import ENDED, CaseState
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from entrypoints.ui.applications.draft import Draft
from entrypoints.ui.cases.case_head import case_head
from entrypoints.ui.cases.case_search import PATH
from entrypoints.ui.cases.text_form import text_area
from entrypoints.ui.shared.error_messages import reporting_errors
from entrypoints.ui.shared.page_context import PageContext
from entrypoints.ui.shared.widgets import Text, anchor, answer_of, box, card, chip


class DecisionCases(NamedTuple):
    """The cases of a decision; a decision of a trial run has none."""

    cases: Sequence[ReferralCase]
    trial: bool


async def read_cases_of(record: DecisionRecord, context: PageContext) -> DecisionCases:
    """The cases of the decision, an unfinished one first; none for users who may not read cases."""
    decision_id = record.decision_id
    actor, list_cases = context.actor(), context.use_cases.cases.list_cases
    if not actor.may(Permission.READ_ALL_DECISIONS):
        return DecisionCases((), record.trial)
    unfinished = await list_cases(CaseFilter(decision_id=decision_id), by=actor)
    finished = await list_cases(CaseFilter(states=ENDED, decision_id=decision_id), by=actor)
    return DecisionCases((*unfinished.cases, *finished.cases), record.trial)


def draw_cases_of(
    decision_id: UUID, of_decision: DecisionCases, application: PresentApplication | None, context: PageContext
) -> None:
    """Draw links to the cases, and for people who work cases how another one is opened."""
    actor, now = context.actor(), context.use_cases.clock.now()
    cases, trial = of_decision
    unfinished = any(not case.state.ended for case in cases)
    reviewable = (
        actor.may(Permission.WORK_CASES) and not trial and not unfinished and goes_on(application, decision_id)
    )
    shown = [case for case in cases if case.state is not CaseState.RESOLVED]  # its final decision leads to it
    if not shown and not reviewable:
        return
    with card("Referral case", "screen-only case-links"):
        for case in shown:
            head = case_head(case, actor, now, context.zone)
            with box("div", "case-link"):
                chip(head.state, head.style, head.icon_name)
                Text("span", head.holder, "note")
                anchor("Open the case", f"{PATH}/{case.case_id}", "button-secondary")
        if reviewable:
            Text("p", "A review opens a case in which a person can decide otherwise.", "note")
            _draw_review_button(decision_id, context)


def goes_on(application: PresentApplication | None, decision_id: UUID) -> bool:
    """Whether another outcome of the decision could still have an effect."""
    if application is None:
        return True
    life, expired = application.life, application.state is ApplicationState.EXPIRED
    return life.decision_id == decision_id and life.ended_by is None and not expired


def _draw_review_button(decision_id: UUID, context: PageContext) -> None:
    draft, asking = Draft.new(), False

    async def open_review() -> None:
        nonlocal asking
        if asking:  # a double click must not ask twice
            return
        asking = True
        try:
            reason = await _ask_for_reason()
            if reason is not None:
                use_case = context.use_cases.cases.open_review
                opened = await use_case(decision_id, reason, by=context.actor(), key=draft.key_of(reason))
                ui.navigate.to(f"{PATH}/{opened.case.case_id}")
        finally:
            asking = False

    button = ui.button("Open a review", on_click=reporting_errors(open_review, where="/decisions"))
    button.props("outline no-caps icon=restart_alt").mark("open-review")


async def _ask_for_reason() -> str | None:
    """Why the decision is reviewed; None if the user goes back."""
    dialog = ui.dialog()
    dialog.props["aria-label"] = "Open a review?"
    with dialog, box("div", "card dialog reason-dialog"):
        Text("h2", "Open a review?")
        Text("p", "It opens a case on this decision. The decision itself stays on record.")
        reason = text_area("Reason")

        def confirm() -> None:
            text = (reason.value or "").strip()
            reason.error = None if text else "Required"
            if text:
                dialog.submit(text)

        with box("div", "batch-actions"):
            ui.button("Go back", on_click=dialog.close).props("flat no-caps").classes("button-text")
            ui.button("Open a review", on_click=confirm).props("unelevated no-caps").classes("button-primary")
    answer = await answer_of(dialog)
    return answer if isinstance(answer, str) else None
