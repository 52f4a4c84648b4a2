"""Note what is learned about a referral case, and ask the applicant for information."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from application.ports.decisions.decision_archive import DecisionArchive
from application.ports.decisions.idempotency import IdempotencyKey
from application.use_cases.cases.change_case import CaseChanges, CaseResult, claim_of
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.access.user import Actor, Permission
from domain.cases.information import CaseNoteAdded, InformationReceived, InformationRequested
from domain.decisions.decision_record import DecisionRecord
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS

_WORK = Permission.WORK_CASES


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
    """Asks the applicant for information, which stops the due time.

    How long the applicant has to answer is a term of the policy that decided.
    """

    changes: CaseChanges
    archive: DecisionArchive
    find_policy: FindDecidingPolicy

    async def __call__(
        self, case_id: UUID, text: str, *, by: Actor, seen: int, key: IdempotencyKey | None = None
    ) -> CaseResult:
        """The case; raises InvalidCaseText, CaseNotFound, CaseChanged, CaseErrors and KeyReused."""
        by.require(_WORK)
        claim = claim_of(key, by=by, operation="request information", case=str(case_id), text=text)
        answer_by = self.changes.clock.now() + timedelta(days=await self._answer_days(case_id))
        return await self.changes(case_id, InformationRequested(text, answer_by), by=by, seen=seen, claim=claim)

    async def _answer_days(self, case_id: UUID) -> int:
        record = await self.archive.find((await self.changes.present(case_id)).decision_id)
        policy = await self.find_policy(record) if isinstance(record, DecisionRecord) else None
        return (DEFAULT_REVIEW_TERMS if policy is None else policy.review_terms).answer_days


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
