"""Referral cases in memory, opened by the decisions of a ledger in memory."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from adapters.persistence.cases.case_documents import decode_action, encode_action
from adapters.persistence.cases.final_decision_documents import encode
from application.ports.cases.cases import AlreadyClaimed, CaseChange, CaseConflict, CaseFilter, CasePage, Cases
from application.ports.cases.final_decisions import FinalDecisions
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from domain.access.user import Actor, Permission
from domain.audit.subject import FINAL_DECISION_RECORDED
from domain.cases.case_action import CaseAction
from domain.cases.case_state import CaseState
from domain.cases.final_decision import FinalDecision
from domain.cases.referral_case import ReferralCase
from domain.policies.final_outcome import FinalOutcome
from support.memory.decisions import MemoryDecisions

_FIRST = (CaseState.OPEN, CaseState.ASSIGNED)


class MemoryCases(Cases, FinalDecisions):
    """The cases of the referred decisions in `decisions`, folded from their actions at every call."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions
        self._actions = decisions.case_actions
        self._leases = decisions.case_leases
        self._reviews = decisions.case_reviews
        self._final = decisions.final_decisions

    def _all(self) -> list[ReferralCase]:
        opened = [ReferralCase.opened(each) for each in self._decisions.records() if each.case_due_at is not None]
        return [self._present(case) for case in (*opened, *self._reviews)]

    def _present(self, opened: ReferralCase) -> ReferralCase:
        folded = opened.after_all(self._actions.get(opened.case_id, ()))
        return folded.leased(self._leases.get(opened.case_id))

    async def page(self, wanted: CaseFilter, *, at: datetime, limit: int, cursor: str | None = None) -> CasePage:
        matching = [case for case in self._all() if _matches(case, wanted, at)]
        if wanted.of_finished:
            matching.sort(key=lambda case: (case.ended_at or at, case.case_id), reverse=True)
        else:
            matching.sort(key=_urgency)
        if cursor is not None and not cursor.isdecimal():
            raise InvalidCursor(f"not a cursor of this archive: {cursor!r}")
        start = int(cursor or 0)
        end = start + limit
        return CasePage(tuple(matching[start:end]), str(end) if end < len(matching) else None, len(matching))

    async def find(self, case_id: UUID) -> ReferralCase | None:
        return next((case for case in self._all() if case.case_id == case_id), None)

    async def of_decision(self, decision_id: UUID) -> Sequence[ReferralCase]:
        found = [case for case in self._all() if case.decision_id == decision_id]
        return sorted(found, key=lambda case: (case.opened_at, case.case_id))

    async def actions(self, case_id: UUID) -> Sequence[CaseAction]:
        return [decode_action(encode_action(each), each.action_id) for each in self._actions.get(case_id, ())]

    async def case_under(self, claim: Claim) -> UUID | None:
        found = self._decisions.claimed(claim)
        if found is None:
            return None
        for case_id, actions in self._actions.items():
            if any(action.action_id == found for action in actions):
                return case_id
        raise OriginalResponseUnavailable("this key was used for something other than an action on a case")

    async def append(self, change: CaseChange) -> None:
        case = await self.find(change.case.case_id)
        if case is None or case.version != change.action.number - 1:
            raise CaseConflict("the case was changed at the same time")
        self._record(change)

    async def open_review(self, change: CaseChange) -> None:
        if any(not case.state.ended for case in await self.of_decision(change.case.decision_id)):
            raise CaseConflict("the case was opened at the same time")
        self._record(change)
        self._reviews.append(replace(change.case, version=0, changed_at=None, changed_by=None))

    def _record(self, change: CaseChange) -> None:
        if change.claim is not None:
            if self._decisions.claimed(change.claim) is not None:
                raise AlreadyClaimed("an action was recorded under the same key")
            self._decisions.claim(change.claim, change.action.action_id)
        self._actions.setdefault(change.case.case_id, []).append(change.action)
        self._leases[change.case.case_id] = change.case.lease_until
        self._decisions.record_document(
            at=change.action.at,
            actor=change.action.actor.name,
            action=change.action.kind.value,
            subject=change.action.action_id,
            document=encode_action(change.action),
        )
        if (decided := change.final_decision) is not None:
            self._final.append(decided)
            self._decisions.record_document(
                at=decided.decided_at,
                actor=change.action.actor.name,
                action=FINAL_DECISION_RECORDED,
                subject=decided.final_decision_id,
                document=encode(decided),
            )

    async def last(self, decision_id: UUID) -> FinalDecision | None:
        found = [each for each in self._final if each.decision_id == decision_id]
        return found[-1] if found else None

    async def outcomes(self, decision_ids: Collection[UUID]) -> Mapping[UUID, FinalOutcome]:
        return {each.decision_id: each.outcome for each in self._final if each.decision_id in decision_ids}

    async def of_case(self, case_id: UUID) -> FinalDecision | None:
        return next((each for each in self._final if each.case_id == case_id), None)

    async def take_next(
        self, by: Actor, at: datetime, claiming: Callable[[ReferralCase], CaseChange]
    ) -> ReferralCase | None:
        free = [case for case in self._all() if case.holder_at(at) is None and _may_take(case, by)]
        if not free:
            return None
        change = claiming(min(free, key=_urgency))
        await self.append(change)
        return change.case

    async def renew(self, case_id: UUID, *, holder: str, at: datetime, until: datetime) -> ReferralCase | None:
        case = await self.find(case_id)
        if case is None or case.holder_at(at) != holder:
            return None
        renewed = case.leased(max(until, case.lease_until or until))
        self._leases[case_id] = renewed.lease_until
        return renewed

    async def overdue(self, at: datetime, *, limit: int) -> Sequence[ReferralCase]:
        found = [case for case in self._all() if case.overdue_at(at) and case.breached_at is None]
        return sorted(found, key=_urgency)[:limit]

    async def unanswered(self, at: datetime, *, limit: int) -> Sequence[ReferralCase]:
        found = [case for case in self._all() if case.answer_by is not None and case.answer_by <= at]
        return sorted(found, key=_urgency)[:limit]


def _urgency(case: ReferralCase) -> tuple[datetime, UUID]:
    return case.due_at, case.case_id


def _may_take(case: ReferralCase, by: Actor) -> bool:
    if case.state is CaseState.AWAITING_SECOND_APPROVAL:
        return by.may(Permission.GIVE_SECOND_APPROVALS) and by.name not in case.proposers
    return case.state in _FIRST


def _matches(case: ReferralCase, wanted: CaseFilter, at: datetime) -> bool:
    return (
        case.state_at(at) in wanted.states
        and wanted.assignee in {None, case.assignee}
        and wanted.decision_id in {None, case.decision_id}
        and (wanted.due_before is None or case.due_at < wanted.due_before)
        and (wanted.minimum_amount is None or case.amount >= wanted.minimum_amount)
        and (wanted.maximum_amount is None or case.amount <= wanted.maximum_amount)
        and wanted.quality in {None, case.quality}
        and (case.request_due_at is not None or not wanted.applicant_request)
        and (wanted.reason is None or wanted.reason in case.reasons)
    )
