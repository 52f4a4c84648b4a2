"""Histories of applicants over recorded decisions in memory."""

from collections.abc import Collection, Mapping
from datetime import datetime
from uuid import UUID

from application.ports.applications.applicant_histories import ApplicantHistories
from domain.applications.applicant_history import (
    MAX_RECENT,
    Applicant,
    ApplicantHistory,
    PastApplication,
)
from domain.applications.money import Money
from domain.decisions.decision_record import DecisionRecord
from domain.policies.outcome import Outcome
from support.memory.decisions import MemoryDecisions


class MemoryApplicantHistories(ApplicantHistories):
    """What people decided later, and what applicants accepted, is set by the tests."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions
        self.accepted = decisions.accepted_amounts
        self.decided: dict[UUID, tuple[str, datetime]] = {}

    async def find(
        self, applicants: Collection[Applicant], *, superseded: Collection[UUID] = ()
    ) -> Mapping[Applicant, ApplicantHistory]:
        replaced = {record.supersedes for record in self._decisions.records()} | set(superseded)
        return {applicant: self._history(applicant, replaced) for applicant in applicants}

    def _history(self, applicant: Applicant, replaced: Collection[UUID | None]) -> ApplicantHistory:
        made = [
            record
            for record in self._decisions.records()
            if record.identity.applicant_reference == applicant.reference and not record.trial
        ]
        same = [record for record in made if record.application.product.name == applicant.product]
        accepted = [self.accepted[record.decision_id] for record in made if record.decision_id in self.accepted]
        standing = [record for record in reversed(same) if record.decision_id not in replaced]
        return ApplicantHistory(
            number=len(same),
            recent=tuple(self._past(record) for record in standing[:MAX_RECENT]),
            accepted=Money(sum(amount.cents for amount in accepted)),
        )

    def _past(self, record: DecisionRecord) -> PastApplication:
        by_system = Outcome.DECLINED.value if record.decision.starts_cooling_off else ""
        outcome, at = self.decided.get(record.decision_id, (by_system, record.decided_at))
        return PastApplication(
            record.decision_id,
            record.decided_at,
            declined_at=at if outcome == Outcome.DECLINED.value else None,
            accepted=record.decision_id in self.accepted,
        )
