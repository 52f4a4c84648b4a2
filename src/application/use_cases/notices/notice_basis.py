"""Find what the letter of a notice is about."""

from dataclasses import dataclass

from application.ports.cases.cases import Cases
from application.ports.cases.final_decisions import FinalDecisions
from application.ports.decisions.decision_archive import DecisionArchive
from application.use_cases.cases.require_own_view import RequireOwnView
from application.use_cases.decisions.read_decisions import DecisionNotFound, DecisionUnreadable
from domain.access.user import Actor
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.notices.drafting import NoticeBasis
from domain.notices.notice import Notice
from domain.notices.notice_kind import NoticeKind


@dataclass(frozen=True, slots=True)
class FindNoticeBasis:
    """Reads the decision, what a person decided on it last, and what was done to its cases."""

    archive: DecisionArchive
    final_decisions: FinalDecisions
    cases: Cases
    require_own_view: RequireOwnView

    async def __call__(self, notice: Notice) -> NoticeBasis:
        """What is on record; raises DecisionNotFound, DecisionUnreadable and CaseUnreadable."""
        record = await self._record(notice)
        cases = await self.cases.of_decision(notice.decision_id)
        actions = [action for case in cases for action in await self.cases.actions(case.case_id)]
        return NoticeBasis(
            notice_id=notice.notice_id,
            kind=notice.kind,
            cause=notice.cause,
            application_id=notice.application_id,
            record=record,
            final=await self.final_decisions.last(notice.decision_id),
            case_actions=tuple(actions),
        )

    async def require_shown(self, notice: Notice, *, by: Actor) -> None:
        """Raise OwnViewRequired if the letter would show what is withheld from the actor under a blind policy.

        A notice of incompleteness states nothing of the decision. No case is unfinished on a decision that was
        moved to an archive.
        """
        record = None if notice.kind is NoticeKind.INCOMPLETE else await self.archive.find(notice.decision_id)
        if isinstance(record, DecisionRecord):
            await self.require_own_view(record, by=by)

    async def _record(self, notice: Notice) -> DecisionRecord:
        record = await self.archive.find(notice.decision_id)
        if record is None:
            raise DecisionNotFound(
                f"decision {notice.decision_id} was moved to an archive: restore its month to make its letter"
            )
        if isinstance(record, UnreadableDecision):
            raise DecisionUnreadable(record)
        return record
