"""Notices in memory, over the decisions of a ledger in memory."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from adapters.persistence.notices.notice_documents import decode_action, encode_action
from adapters.system import TimeOrderedIdentifiers
from application.ports.audit.trail_following import TrailConsumer
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from application.ports.notices.notices import (
    LetterFormat,
    NoticeAlreadyClaimed,
    NoticeChange,
    NoticeConflict,
    NoticeFilter,
    NoticePage,
    Notices,
)
from application.ports.operations.clock import Clock
from domain.access.user import Actor, Role
from domain.applications.application_action import Acceptance, Withdrawal, WithdrawalReason
from domain.audit.entry import AuditEntry
from domain.audit.subject import DECISION_RECORDED, FINAL_DECISION_RECORDED
from domain.cases.case_action import CaseAction, CaseActionKind
from domain.cases.endings import CaseExpired
from domain.cases.information import InformationReceived, InformationRequested
from domain.cases.referral_case import ReferralCase
from domain.notices.cancelling import NoticeCancelled, Standing, cancellation_reason, require_owed
from domain.notices.deadlines import NoticeClock
from domain.notices.notice import Notice
from domain.notices.notice_action import NoticeAction
from domain.notices.notice_kind import NoticeKind
from domain.notices.notice_state import NoticeCause, NoticeState
from domain.notices.opening import AdverseEvent, Unsent, opened
from domain.policies.final_outcome import FinalOutcome
from domain.policies.outcome import Outcome
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions

_SERVICE = Actor("system:service", Role.AUDITOR)
_ENDS_AWAITING = {
    CaseActionKind.INFORMATION_REQUESTED,
    CaseActionKind.INFORMATION_RECEIVED,
    CaseActionKind.RESOLVED,
    CaseActionKind.EXPIRED,
    CaseActionKind.WITHDRAWN,
}


class MemoryNotices(Notices, TrailConsumer):
    """Follows the trail of `decisions`, and keeps notices."""

    def __init__(self, decisions: MemoryDecisions, notice_clock: NoticeClock, clock: Clock) -> None:
        self._decisions = decisions
        self._cases = MemoryCases(decisions)
        self._notice_clock = notice_clock
        self._clock = clock
        self._identifiers = TimeOrderedIdentifiers()
        self._followed: set[tuple[UUID, int]] = set()
        self._notices: dict[UUID, Notice] = {}
        self._actions: dict[UUID, list[NoticeAction]] = {}
        self.letters: dict[tuple[UUID, LetterFormat], bytes] = {}

    async def _new_entries(self) -> list[AuditEntry]:
        if len(self._decisions._entries) + len(self._decisions._event_entries) == len(self._followed):
            return []
        entries = [*self._decisions._entries, *self._decisions._event_entries]
        return [entry for entry in entries if (entry.chain, entry.sequence) not in self._followed]

    async def pending(self) -> int:
        return len(await self._new_entries())

    async def follow(self, limit: int) -> int | None:
        entries = sorted(await self._new_entries(), key=lambda entry: entry.subject)[:limit]
        touched = set()
        for entry in entries:
            self._followed.add((entry.chain, entry.sequence))
            touched.add(await self._application(entry))
            event = await self._event(entry)
            if event is None:
                continue
            since = (await self._unsent(event.application_id)).since(event)
            notice = opened(replace(event, unsent_since=since), self._notice_clock)
            self._notices.setdefault(notice.notice_id, notice)
        due = [each for each in self._notices.values() if each.state is NoticeState.DUE]
        for notice in [each for each in due if each.application_id in touched]:
            if (reason := cancellation_reason(notice, await self.standing(notice))) is not None:
                details, at = NoticeCancelled(reason), self._clock.now()
                action = notice.act(details, by=_SERVICE, at=at, action_id=self._identifiers.new())
                await self.append(NoticeChange(notice.after(action), action))
        return len(entries)

    async def _unsent(self, application_id: UUID) -> Unsent:
        unsent, by_id = Unsent(), {record.decision_id: record for record in self._decisions.records()}
        chain, finals = [by_id[application_id]], self._decisions.final_decisions
        while later := [each for each in by_id.values() if each.supersedes == chain[-1].decision_id]:
            chain += later
        for record in chain:
            final = [each for each in finals if each.decision_id == record.decision_id]
            approvals = [each for each in final if each.outcome is FinalOutcome.APPROVED]
            unsent.ended |= {each.final_decision_id: None for each in approvals}
            if record.decision.outcome is Outcome.APPROVED:
                unsent.ended[record.decision_id] = None
            own = self._decisions.case_actions.get(record.decision_id, [])
            answers = [each for each in own if isinstance(each.details, InformationReceived)]
            expired = any(isinstance(each.details, CaseExpired) for each in own)
            superseded = record is not chain[-1]
            if record.decision.outcome is Outcome.REFERRED and superseded and not final and not expired:
                last = answers[-1] if answers else None
                unsent.undecided[last.action_id if last else record.decision_id] = (
                    last.at if last else record.decided_at
                )
            for case in await self._cases.of_decision(record.decision_id):
                done = self._decisions.case_actions.get(case.case_id, ())
                answered = [each for each in done if isinstance(each.details, InformationReceived)]
                unsent.answered |= {each.action_id: each.at for each in answered}
        for notice in self._notices.values():
            if notice.application_id != application_id or notice.kind is NoticeKind.INCOMPLETE:
                continue
            if notice.issued_at is not None:
                unsent.ended[self._actions[notice.notice_id][0].action_id] = None
            elif notice.state is NoticeState.DUE or notice.cause is not NoticeCause.CASE_EXPIRED:
                unsent.add(notice)
        return unsent

    async def _application(self, entry: AuditEntry) -> UUID | None:
        """The application that an entry is about, if it is about one."""
        by_id = {record.decision_id: record for record in self._decisions.records()}
        finals = {each.final_decision_id: each.decision_id for each in self._decisions.final_decisions}
        record = by_id.get(finals.get(entry.subject, entry.subject))
        if record is None and (found := await self._case_action(entry.subject)) is not None:
            record = by_id[found[0].decision_id]
        if record is None:
            for application_id, done in self._decisions.application_actions.items():
                if any(each.action_id == entry.subject for each in done):
                    return application_id
            acted = [each for done in self._actions.values() for each in done]
            noted = [self._notices[each.notice_id] for each in acted if each.action_id == entry.subject]
            return noted[0].application_id if noted else None
        while record.supersedes is not None:
            record = by_id[record.supersedes]
        return record.decision_id

    async def _event(self, entry: AuditEntry) -> AdverseEvent | None:
        if entry.action == DECISION_RECORDED:
            return self._decision(entry)
        if entry.action == FINAL_DECISION_RECORDED:
            return await self._final_decision(entry)
        if (found := await self._case_action(entry.subject)) is not None:
            return self._of_case(entry, *found)
        return self._closing(entry)

    def _decision(self, entry: AuditEntry) -> AdverseEvent | None:
        record = next(each for each in self._decisions.records() if each.decision_id == entry.subject)
        if record.trial or record.decision.outcome is not Outcome.DECLINED:
            return None
        return self._of(record.decision_id, entry, NoticeKind.ADVERSE_ACTION, NoticeCause.DECISION)

    async def _final_decision(self, entry: AuditEntry) -> AdverseEvent | None:
        found = self._decisions.final_decisions
        final = next(each for each in found if each.final_decision_id == entry.subject)
        if final.outcome is FinalOutcome.APPROVED:
            return None
        offers = final.outcome is FinalOutcome.COUNTER_OFFER
        kind = NoticeKind.COUNTER_OFFER if offers else NoticeKind.ADVERSE_ACTION
        case = await self._cases.find(final.case_id)
        return self._of(final.decision_id, entry, kind, NoticeCause.FINAL_DECISION, case)

    def _of_case(self, entry: AuditEntry, case: ReferralCase, done: CaseAction) -> AdverseEvent | None:
        if isinstance(done.details, InformationRequested):
            cause = NoticeCause.INFORMATION_REQUESTED
            event = self._of(case.decision_id, entry, NoticeKind.INCOMPLETE, cause, case)
            return replace(event, answer_by=done.details.answer_by)
        if isinstance(done.details, CaseExpired) and case.case_id == case.decision_id:
            event = self._of(case.decision_id, entry, NoticeKind.ADVERSE_ACTION, NoticeCause.CASE_EXPIRED)
            return replace(event, received_at=done.at)
        return None

    def _closing(self, entry: AuditEntry) -> AdverseEvent | None:
        done = [each for actions in self._decisions.application_actions.values() for each in actions]
        action = next((each for each in done if each.action_id == entry.subject), None)
        details = action.details if action else None
        if action is None or not isinstance(details, Withdrawal):
            return None
        if details.reason is not WithdrawalReason.INFORMATION_NOT_PROVIDED:
            return None
        cause = NoticeCause.APPLICATION_CLOSED
        event = self._of(action.decision_id, entry, NoticeKind.ADVERSE_ACTION, cause)
        return replace(event, received_at=action.at)

    def _of(
        self,
        decision_id: UUID,
        entry: AuditEntry,
        kind: NoticeKind,
        cause: NoticeCause,
        case: ReferralCase | None = None,
    ) -> AdverseEvent:
        by_id = {record.decision_id: record for record in self._decisions.records()}
        record = first = by_id[decision_id]
        while first.supersedes is not None:
            first = by_id[first.supersedes]
        received_at = record.decided_at
        if case is not None:
            if case.case_id != case.decision_id:
                received_at = case.opened_at
            done = self._decisions.case_actions.get(case.case_id, ())
            answers = [each.at for each in done if isinstance(each.details, InformationReceived)]
            received_at = max([received_at, *answers])
        return AdverseEvent(
            subject=entry.subject,
            kind=kind,
            cause=cause,
            decision_id=decision_id,
            application_id=first.decision_id,
            received_at=received_at,
            requested_by=first.requested_by.name,
            application_reference=record.identity.application_reference,
            applicant_reference=record.identity.applicant_reference,
            source=record.identity.source,
        )

    async def _case_action(self, action_id: UUID) -> tuple[ReferralCase, CaseAction] | None:
        for case_id, actions in self._decisions.case_actions.items():
            for action in actions:
                if action.action_id == action_id:
                    case = await self._cases.find(case_id)
                    assert case is not None
                    return case, action
        return None

    async def standing(self, notice: Notice) -> Standing:
        final = await self._cases.last(notice.decision_id)
        ended = self._decisions.application_actions.get(notice.application_id, [])
        found = await self._case_action(notice.notice_id)
        awaited = asked_in_time = False
        if found is not None:
            case, cause = found
            done = self._decisions.case_actions[case.case_id]
            last = [each for each in done if each.kind in _ENDS_AWAITING][-1]
            awaited = last.action_id == notice.notice_id
            asked = [each for each in done if isinstance(each.details, InformationRequested)]
            request = self._notices.get(asked[-1].action_id) if asked else None
            delivered_on = request.delivered_on if request else None
            asked_in_time = delivered_on is not None and delivered_on < self._notice_clock.day(cause.at)
        return Standing(
            superseded=any(each.supersedes == notice.decision_id for each in self._decisions.records()),
            final_decision_id=final.final_decision_id if final else None,
            final_approves=final is not None and final.outcome is FinalOutcome.APPROVED,
            ended_by=ended[-1].action_id if ended else None,
            accepted=bool(ended) and isinstance(ended[-1].details, Acceptance),
            awaited=awaited,
            asked_in_time=asked_in_time,
        )

    async def page(self, wanted: NoticeFilter, *, limit: int, cursor: str | None = None) -> NoticePage:
        matching = sorted(
            (notice for notice in self._notices.values() if _matches(notice, wanted)),
            key=lambda notice: (notice.due_at, notice.notice_id),
        )
        if cursor is not None and not cursor.isdecimal():
            raise InvalidCursor(f"not a cursor of this archive: {cursor!r}")
        start = int(cursor or 0)
        end = start + limit
        return NoticePage(tuple(matching[start:end]), str(end) if end < len(matching) else None, len(matching))

    async def find(self, notice_id: UUID) -> Notice | None:
        return self._notices.get(notice_id)

    async def actions(self, notice_id: UUID) -> Sequence[NoticeAction]:
        return [decode_action(encode_action(each), each.action_id) for each in self._actions.get(notice_id, ())]

    async def notice_under(self, claim: Claim) -> UUID | None:
        found = self._decisions.claimed(claim)
        if found is None:
            return None
        for notice_id, actions in self._actions.items():
            if any(action.action_id == found for action in actions):
                return notice_id
        raise OriginalResponseUnavailable("this key was used for something other than an action on a notice")

    async def append(self, change: NoticeChange) -> None:
        notice, action = change.notice, change.action
        if change.claim is not None and self._decisions.claimed(change.claim) is not None:
            raise NoticeAlreadyClaimed("an action was recorded under the same key")
        if self._notices[notice.notice_id].version != action.number - 1:
            raise NoticeConflict("the notice was changed at the same time")
        if change.letters:
            require_owed(notice, await self.standing(notice))
        if change.claim is not None:
            self._decisions.claim(change.claim, action.action_id)
        self._notices[notice.notice_id] = notice
        self._actions.setdefault(notice.notice_id, []).append(action)
        self.letters.update({(notice.notice_id, form): content for form, content in change.letters})
        self._decisions.record_document(
            at=action.at,
            actor=action.actor.name,
            action=action.kind.value,
            subject=action.action_id,
            document=encode_action(action),
        )

    async def letter(self, notice_id: UUID, form: LetterFormat) -> bytes | None:
        return self.letters.get((notice_id, form))


def _matches(notice: Notice, wanted: NoticeFilter) -> bool:
    return (
        notice.state in wanted.states
        and wanted.kind in {None, notice.kind}
        and (wanted.overdue_at is None or notice.overdue_at(wanted.overdue_at))
        and wanted.application_id in {None, notice.application_id}
        and wanted.decision_id in {None, notice.decision_id}
        and wanted.requested_by in {None, notice.requested_by}
        and (wanted.due_before is None or notice.due_at < wanted.due_before)
    )
