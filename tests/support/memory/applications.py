"""Applications in memory, over the decisions of a ledger in memory."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from adapters.persistence.applications.action_documents import decode, encode
from application.ports.applications.applications import (
    ApplicationConflict,
    ApplicationFilter,
    ApplicationPage,
    Applications,
    CaseOfApplication,
    Decision,
    StoredApplication,
)
from application.ports.cases.cases import CaseChange, CaseConflict
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from application.use_cases.applications.application_lives import decided_state
from domain.applications.application_action import Acceptance, ApplicationAction
from domain.applications.application_state import ApplicationState
from domain.applications.money import Money
from domain.cases.final_decision import FinalDecision
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.policies.review_terms import DEFAULT_REVIEW_TERMS
from support.memory.cases import MemoryCases
from support.memory.decisions import MemoryDecisions


class MemoryApplications(Applications):
    """The chains follow from what the decisions supersede."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions
        self._cases = MemoryCases(decisions)
        self._actions = decisions.application_actions

    async def find(self, decision_id: UUID) -> StoredApplication | None:
        by_id = {record.decision_id: record for record in self._decisions.records()}
        if decision_id not in by_id or by_id[decision_id].trial:
            return None
        following = {record.supersedes: record.decision_id for record in by_id.values() if record.supersedes}
        chain = [decision_id]
        while (earlier := by_id[chain[0]].supersedes) is not None:
            chain.insert(0, earlier)
        while chain[-1] in following:
            chain.append(following[chain[-1]])
        newest = await self._decisions.find(chain[-1])
        assert newest is not None
        actions = [decode(encode(action), action.action_id) for action in self._actions.get(chain[0], ())]
        cases = await self._cases.of_decision(chain[-1])
        return StoredApplication(
            tuple(chain),
            by_id[chain[0]].requested_by.name,
            newest,
            _case(cases[-1]) if cases else None,
            self._final(chain[-1]),
            tuple(actions),
        )

    def _final(self, decision_id: UUID) -> FinalDecision | None:
        found = [final for final in self._decisions.final_decisions if final.decision_id == decision_id]
        return max(found, key=lambda final: final.number, default=None)

    async def decisions(self, application: StoredApplication) -> Sequence[Decision]:
        found = [await self._decisions.find(each) for each in application.decision_ids]
        return [each for each in found if each is not None]

    async def successors(self, decision_ids: Collection[UUID]) -> Mapping[UUID, UUID]:
        records = self._decisions.records()
        return {each.supersedes: each.decision_id for each in records if each.supersedes in decision_ids}

    async def page(
        self,
        wanted: ApplicationFilter,
        *,
        at: datetime,
        limit: int,
        cursor: str | None = None,
        owner: str | None = None,
    ) -> ApplicationPage:
        superseded = {record.supersedes for record in self._decisions.records()}
        newest = [
            record
            for record in self._decisions.records()
            if not record.trial and record.decision_id not in superseded and _matches(record, wanted)
        ]
        newest.sort(key=lambda record: (record.decided_at, record.decision_id), reverse=True)
        stored = [each for record in newest if (each := await self.find(record.decision_id))]
        stored = [
            each
            for each in stored
            if owner in {None, each.requested_by} and (wanted.state is None or _state(each, at) is wanted.state)
        ]
        if cursor is not None and not cursor.isdecimal():
            raise InvalidCursor(f"not a cursor of this archive: {cursor!r}")
        start = int(cursor or 0)
        end = start + limit
        return ApplicationPage(tuple(stored[start:end]), str(end) if end < len(stored) else None)

    async def under(self, claim: Claim) -> ApplicationAction | None:
        found = self._decisions.claimed(claim)
        if found is None:
            return None
        for actions in self._actions.values():
            for action in actions:
                if action.action_id == found:
                    return action
        raise OriginalResponseUnavailable("this key has already been used for something else")

    async def append(
        self,
        action: ApplicationAction,
        seen: StoredApplication,
        claim: Claim | None = None,
        withdrawal: CaseChange | None = None,
        other_loans: Money | None = None,
    ) -> ApplicationAction:
        if claim is not None and (first := await self.under(claim)) is not None:
            return first
        if await self.find(seen.application_id) != seen:
            raise ApplicationConflict("the application was changed at the same time")
        if isinstance(action.details, Acceptance):
            self._accept(action.decision_id, action.details.amount, other_loans)
        if withdrawal is not None:
            try:
                await self._cases.append(withdrawal)
            except CaseConflict as fault:
                raise ApplicationConflict("the application's case was changed at the same time") from fault
        if claim is not None:
            self._decisions.claim(claim, action.action_id)
        self._actions.setdefault(seen.application_id, []).append(action)
        self._decisions.record_document(
            at=action.at,
            actor=action.actor.name,
            action=action.kind.value,
            subject=action.action_id,
            document=encode(action),
        )
        return action

    def _accept(self, decision_id: UUID, amount: Money, other_loans: Money | None) -> None:
        by_id = {record.decision_id: record.identity.applicant_reference for record in self._decisions.records()}
        if (reference := by_id[decision_id]) is None:
            return
        accepted = self._decisions.accepted_amounts
        made = [money.cents for each, money in accepted.items() if by_id[each] == reference]
        if other_loans is not None and sum(made) != other_loans.cents:
            raise ApplicationConflict("the applicant accepted another loan at the same time")
        accepted[decision_id] = amount


def _case(case: ReferralCase) -> CaseOfApplication:
    return CaseOfApplication(case.case_id, case.state.value, case.version, case.state.ended)


def _matches(record: DecisionRecord, wanted: ApplicationFilter) -> bool:
    identity = record.identity
    return wanted.reference in {None, identity.application_reference} and wanted.applicant_reference in {
        None,
        identity.applicant_reference,
    }


def _state(stored: StoredApplication, at: datetime) -> ApplicationState:
    """The state, if the policy has the usual terms of review."""
    if stored.actions:
        return stored.actions[-1].kind.state
    assert isinstance(stored.newest, DecisionRecord)
    decided = decided_state(stored, stored.newest)
    offered_at = stored.newest.decided_at if stored.final is None else stored.final.decided_at
    expired = offered_at + timedelta(days=DEFAULT_REVIEW_TERMS.approval_days) <= at
    return ApplicationState.EXPIRED if decided.can_be_accepted and expired else decided
