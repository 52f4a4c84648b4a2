"""Verify that stored states and rows about decisions are those that the recorded documents lead to."""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

from application.ports.audit.present_states import (
    ComparedApplication,
    ComparedLoan,
    ComparedRequests,
    ComparedRow,
    PresentStates,
    StoredCase,
    StoredNotice,
)
from domain.audit.entry import IntegrityViolation
from domain.cases.case_state import CaseState
from domain.cases.stored_state import state_fault
from domain.month import Month
from domain.notices.deadlines import NoticeTerms
from domain.notices.issuing import NoticeIssued
from domain.notices.stored_state import opening_fault
from domain.notices.stored_state import state_fault as notice_fault


@dataclass(frozen=True, slots=True)
class VerifyStates:
    """Compares states with actions, whose documents the verification of entries checks.

    Cases on decisions of archived months are not compared, since the decision is needed. A notice must not be due
    later than the `terms` allow.
    """

    states: PresentStates
    terms: NoticeTerms = field(default_factory=NoticeTerms)

    async def __call__(
        self, *, since: datetime | None = None, archived: Collection[Month] = ()
    ) -> AsyncIterator[IntegrityViolation]:
        """The violations.

        With `since`, finished cases are compared only if they changed since then, and rows about decisions only if
        the decision was made since then.
        """
        async for stored in self.states.cases(since=since):
            if stored.record is None and Month.of_identifier(stored.decision_id) in archived:
                continue
            if why := _case_fault(stored):
                yield IntegrityViolation(None, None, None, why, version=f"case {stored.case_id}")
        async for compared in self.states.applications():
            if why := _application_fault(compared):
                yield IntegrityViolation(None, None, None, why, version=f"application {compared.application_id}")
        async for found in self.states.notices(since=since):
            if why := _notice_fault(found, self.terms, archived):
                yield IntegrityViolation(None, None, None, why, version=f"notice {found.notice_id}")
        async for loan in self.states.loans(since=since):
            if why := _loan_fault(loan):
                yield IntegrityViolation(None, None, None, why, version=f"loan {loan.application_id}")
        async for violation in self._of_requests(since):
            yield violation
        async for row in self.states.differing_rows(since=since):
            if not row.recorded and Month.of_identifier(row.decision_id) in archived:
                continue
            yield IntegrityViolation(None, None, None, _row_fault(row), version=f"decision {row.decision_id}")

    async def _of_requests(self, since: datetime | None) -> AsyncIterator[IntegrityViolation]:
        async for found in self.states.requests(since=since):
            for why in _request_faults(found):
                yield IntegrityViolation(None, None, None, why, version=f"application {found.application_id}")


def _row_fault(row: ComparedRow) -> str:
    if row.stored is None:
        return f"its {row.name} is missing: it was removed"
    if row.expected is None:
        return f"its {row.name} is stored, but the decision " + ("states none" if row.recorded else "is missing")
    stated = _differences(row.stored, row.expected)
    return f"its {row.name} is not what the decision states: {stated}"


def _differences(stored: Mapping[str, object], expected: Mapping[str, object]) -> str:
    return ", ".join(
        f"{name} is {stored[name]} instead of {value}" for name, value in expected.items() if stored[name] != value
    )


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
    differing = _differences(asdict(compared.stored), asdict(compared.expected))
    return f"its stored state is not the one that its actions lead to: {differing}"


def _notice_fault(found: StoredNotice, terms: NoticeTerms, archived: Collection[Month]) -> str:
    if found.problem:
        return found.problem
    if found.notice is None:
        kept = found.actions or found.html_sha256 or found.pdf_sha256 or found.opening
        return "the notice is missing: it was removed" if kept else ""
    return (
        notice_fault(found.notice, found.actions) or _letter_fault(found) or _opening_fault(found, terms, archived)
    )


def _letter_fault(found: StoredNotice) -> str:
    issued = next((each.details for each in found.actions if isinstance(each.details, NoticeIssued)), None)
    stated = ("", "") if issued is None else (issued.html_sha256, issued.pdf_sha256)
    same = (found.html_sha256, found.pdf_sha256) == stated
    return "" if same else "its letter is not the one that was issued"


def _opening_fault(found: StoredNotice, terms: NoticeTerms, archived: Collection[Month]) -> str:
    assert found.notice is not None  # noqa: S101 - a missing notice has a fault of its own
    if found.opening is not None:
        return opening_fault(found.notice, found.opening, terms)
    kept = Month.of_identifier(found.notice.decision_id) not in archived
    return "it is stored, but nothing on record makes it due" if kept else ""


def _loan_fault(compared: ComparedLoan) -> str:
    if compared.problem:
        return compared.problem
    stored, expected = compared.stored, compared.expected
    if stored is None:
        return "its state is missing: it was removed"
    if expected is None:
        return "a state is stored, but no outcome is recorded"
    differing = _differences(stored, expected)
    return (
        f"its stored state is not the one that its decision and outcomes lead to: {differing}" if differing else ""
    )


def _request_faults(compared: ComparedRequests) -> Iterator[str]:
    """The differences. A link without a row was erased, which is how it is made to open nothing."""
    if compared.problem:
        yield compared.problem
        return
    for (name, identifier), expected in compared.expected.items():
        stored = compared.stored.get((name, identifier))
        if stored is None and name == "request":
            yield f"the applicant's request {identifier} is missing: it was removed"
        elif stored is not None and (differing := _differences(stored, expected)):
            yield f"the applicant's {name} {identifier} is not the one that its actions lead to: {differing}"
    for name, identifier in compared.stored.keys() - compared.expected.keys():
        yield f"the applicant's {name} {identifier} is stored, but no action made it"
