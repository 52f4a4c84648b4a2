"""Verify that the stored states of cases, applications and notices are those that the recorded actions lead to."""

from collections.abc import AsyncIterator, Collection
from dataclasses import dataclass
from datetime import datetime

from application.ports.audit.present_states import ComparedApplication, PresentStates, StoredCase, StoredNotice
from domain.audit.entry import IntegrityViolation
from domain.cases.case_state import CaseState
from domain.cases.stored_state import state_fault
from domain.month import Month
from domain.notices.issuing import NoticeIssued
from domain.notices.stored_state import state_fault as notice_fault


@dataclass(frozen=True, slots=True)
class VerifyStates:
    """Compares states with actions, whose documents the verification of entries checks.

    Cases on decisions of archived months are not compared, since the decision is needed.
    """

    states: PresentStates

    async def __call__(
        self, *, since: datetime | None = None, archived: Collection[Month] = ()
    ) -> AsyncIterator[IntegrityViolation]:
        """The violations. With `since`, finished cases are compared only if they changed since then."""
        async for stored in self.states.cases(since=since):
            if stored.record is None and Month.of_identifier(stored.decision_id) in archived:
                continue
            if why := _case_fault(stored):
                yield IntegrityViolation(None, None, None, why, version=f"case {stored.case_id}")
        async for compared in self.states.applications():
            if why := _application_fault(compared):
                yield IntegrityViolation(None, None, None, why, version=f"application {compared.application_id}")
        async for found in self.states.notices(since=since):
            if why := _notice_fault(found):
                yield IntegrityViolation(None, None, None, why, version=f"notice {found.notice_id}")


def _case_fault(stored: StoredCase) -> str:
    if stored.problem:
        return stored.problem
    if stored.case is None:
        return "the case is missing: it was removed"
    if stored.record is None:
        return f"its decision {stored.decision_id} is missing"
    resolved = stored.case.state is CaseState.RESOLVED
    if resolved != stored.has_final_decision:
        return (
            "it is resolved without a final decision"
            if resolved
            else "it has a final decision, but is not resolved"
        )
    return state_fault(stored.case, stored.record, stored.actions)


def _application_fault(compared: ComparedApplication) -> str:
    if compared.problem:
        return compared.problem
    if compared.stored == compared.expected:
        return ""
    if compared.stored is None:
        return "its state is missing: it was removed"
    if compared.expected is None:
        return "a state is stored, but nothing happened to the application"
    names = ("decision_id", "state", "version", "changed_at")
    differing = ", ".join(
        f"{name} is {getattr(compared.stored, name)} instead of {getattr(compared.expected, name)}"
        for name in names
        if getattr(compared.stored, name) != getattr(compared.expected, name)
    )
    return f"its stored state is not the one that its actions lead to: {differing}"


def _notice_fault(found: StoredNotice) -> str:
    if found.problem:
        return found.problem
    if found.notice is None:
        return "the notice is missing: it was removed"
    if why := notice_fault(found.notice, found.actions):
        return why
    issued = next((each.details for each in found.actions if isinstance(each.details, NoticeIssued)), None)
    stated = ("", "") if issued is None else (issued.html_sha256, issued.pdf_sha256)
    if (found.html_sha256, found.pdf_sha256) != stated:
        return "its letter is not the one that was issued"
    return ""
