"""Answer the requests of applicants whose case is finished: what people decided there is the answer."""

import logging
from dataclasses import dataclass
from uuid import UUID

from application.ports.cases.cases import Cases, CaseUnreadable
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.ports.reconsiderations.reconsiderations import (
    ReconsiderationChange,
    ReconsiderationConflict,
    Reconsiderations,
    ReconsiderationUnreadable,
)
from application.use_cases.decisions.read_decisions import DecisionUnreadable
from application.use_cases.reconsiderations.applicant_standing import FindStanding, PresentStanding
from domain.access.user import Actor
from domain.applications.application_action import ApplicationActionKind
from domain.applications.superseding import SupersedesReason
from domain.cases.case_action import CaseAction, CaseActionKind
from domain.cases.case_state import CaseState
from domain.cases.referral_case import ReferralCase
from domain.reconsiderations.reconsideration import Answer, AnswerReason, Reconsideration
from domain.reconsiderations.reconsideration_file import ReconsiderationFile

_log = logging.getLogger(__name__)
AT_ONCE = 100
"""Applications of one run; further ones are found by the next."""
_ENDING = frozenset(
    {
        CaseActionKind.RESOLVED,
        CaseActionKind.SECOND_APPROVAL_GIVEN,
        CaseActionKind.WITHDRAWN,
        CaseActionKind.EXPIRED,
    }
)


@dataclass(frozen=True, slots=True)
class FindAnswer:
    """Finds the answer to an open request, and who gave it."""

    cases: Cases

    async def __call__(self, present: PresentStanding, request: Reconsideration) -> tuple[Answer, Actor] | None:
        """The answer; None while people are still to decide. Raises CaseUnreadable."""
        case = await self.cases.find(request.case_id)
        waits = present.stored.case is not None and not present.stored.case.finished
        if case is None or not case.state.ended or waits:
            return None
        ended = [each for each in await self.cases.actions(case.case_id) if each.kind in _ENDING]
        reason = self._reason(present, request, case)
        answer = request.answer_for(present.decided, present.record.decision_id, reason)
        return answer, _actor(ended, present)

    @staticmethod
    def _reason(present: PresentStanding, request: Reconsideration, case: ReferralCase) -> AnswerReason:
        record = present.record
        ended_by = present.life.ended_by
        if ended_by is not None and ended_by.kind is ApplicationActionKind.WITHDRAWN:
            return AnswerReason.WITHDRAWN
        if record.decision_id != request.decision_id:
            corrected = record.supersedes_reason is SupersedesReason.CORRECTION
            return AnswerReason.CORRECTION_ACCEPTED if corrected else AnswerReason.DECIDED_AGAIN
        return AnswerReason.NO_INFORMATION if case.state is CaseState.EXPIRED else AnswerReason.REVIEWED


def _actor(ended: list[CaseAction], present: PresentStanding) -> Actor:
    """Who finished the case; otherwise who requested the newest decision."""
    return ended[-1].actor if ended else present.record.requested_by


@dataclass(frozen=True, slots=True)
class AnswerRequests:
    """Records the answers that follow from finished cases.

    It repeats what an earlier run could not finish, so that a process that is killed loses no answer.
    """

    store: Reconsiderations
    find_standing: FindStanding
    find_answer: FindAnswer
    clock: Clock
    identifiers: Identifiers

    async def __call__(self) -> int:
        """Answer the requests, and return their number. Those that another process answers are left to it."""
        done = 0
        for application_id in await self.store.answerable(limit=AT_ONCE):
            try:
                done += await self.of(application_id)
            except (CaseUnreadable, DecisionUnreadable, ReconsiderationUnreadable) as fault:
                _log.error("a request on application %s cannot be answered: %s", application_id, fault)
        return done

    async def of(self, application_id: UUID) -> bool:
        """Answer the open request of an application if its case is finished; whether it is answered now."""
        file = await self.store.file_of(application_id)
        request = file.open_request
        present = None if request is None else await self.find_standing(application_id)
        if request is None or present is None:
            return False
        found = await self.find_answer(present, request)
        if found is None:
            return False
        answer, by = found
        return await self._record(file, request, answer, by)

    async def _record(
        self, file: ReconsiderationFile, request: Reconsideration, answer: Answer, by: Actor
    ) -> bool:
        action = file.give_answer(
            request.reconsideration_id, answer, by=by, at=self.clock.now(), action_id=self.identifiers.new()
        )
        try:
            await self.store.append(ReconsiderationChange(action, file.after(action)))
        except ReconsiderationConflict:
            return False
        return True
