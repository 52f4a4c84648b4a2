"""Note what is learned about a referral case, and ask the applicant for information."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.cases.change_case import CaseChanges, CaseResult, claim_of
from domain.access.user import Actor, Permission
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested

_WORK = Permission.WORK_CASES
ANSWER_DAYS = 14
"""How long an applicant is awaited."""


@dataclass(frozen=True, slots=True)
class AddCaseNote:
    """Adds a note to a case."""

    changes: CaseChanges

    async def __call__(
        self, case_id: UUID, text: str, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case; raises InvalidCaseText, CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="add a note to a case", case=str(case_id), text=text)
        return await self.changes(case_id, CaseNoteAdded(text), by=by, seen=seen, claim=claim)


@dataclass(frozen=True, slots=True)
class RequestInformation:
    """Asks the applicant for information, which stops the due time."""

    changes: CaseChanges

    async def __call__(
        self, case_id: UUID, text: str, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case; raises InvalidCaseText, CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="request information", case=str(case_id), text=text)
        answer_by = self.changes.clock.now() + timedelta(days=ANSWER_DAYS)
        return await self.changes(case_id, InformationRequested(text, answer_by), by=by, seen=seen, claim=claim)


@dataclass(frozen=True, slots=True)
class ReceiveInformation:
    """Records the applicant's answer, after which the due time runs again."""

    changes: CaseChanges

    async def __call__(
        self, case_id: UUID, text: str, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case; raises InvalidCaseText, CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="record an answer", case=str(case_id), text=text)
        return await self.changes(case_id, InformationReceived(text), by=by, seen=seen, claim=claim)
