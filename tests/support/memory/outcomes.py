"""Outcomes of loans and their import in memory, over the decisions of a ledger in memory."""

import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID, uuid4

from adapters.memory.products import MemoryProducts
from adapters.persistence.outcomes.loan_search import AMBIGUOUS, NOT_ACCEPTED
from adapters.persistence.outcomes.outcome_documents import decode, encode
from adapters.system import TimeOrderedIdentifiers
from application.ports.applications.applications import Applications
from application.ports.batches.batch_content import BatchContent
from application.ports.decisions.idempotency import Claim, OriginalResponseUnavailable
from application.ports.operations.clock import Clock
from application.ports.outcomes.loan_outcomes import LoanConflict, LoanKey, LoanOutcomes, StoredLoan
from application.ports.outcomes.outcome_imports import (
    ImportClaim,
    ImportedChunk,
    ImportEvent,
    ImportLease,
    ImportLeaseLost,
    ImportPage,
    ImportWork,
    OutcomeImports,
)
from application.use_cases.applications.application_lives import FindLife
from application.use_cases.applications.read_applications import FindApplication
from application.use_cases.outcomes.outcome_use_cases import OutcomeUseCases
from application.use_cases.policies.find_deciding_policy import FindDecidingPolicy
from domain.access.user import Actor, Permission
from domain.applications.application_action import Acceptance
from domain.decisions.decision_record import DecisionRecord
from domain.outcomes.loan import fold
from domain.outcomes.loan_outcome import LoanOutcome
from domain.outcomes.outcome_import import ImportState, OutcomeImport
from domain.products.personal_loan import PERSONAL_LOAN
from support.memory.applications import MemoryApplications
from support.memory.decisions import MemoryDecisions
from support.memory.versions import MemoryPolicies
from support.memory.vintages import MemoryVintages


class MemoryLoanOutcomes(LoanOutcomes):
    """The outcomes of loans, stored as documents."""

    def __init__(self, decisions: MemoryDecisions) -> None:
        self._decisions = decisions
        self._applications = MemoryApplications(decisions)

    async def history(self, application_id: UUID) -> Sequence[LoanOutcome]:
        found = self._decisions.loan_outcomes.get(application_id, ())
        return [decode(encode(each), each.outcome_id) for each in found]

    async def under(self, claim: Claim) -> LoanOutcome | None:
        found = self._decisions.claimed(claim)
        if found is None:
            return None
        for outcomes in self._decisions.loan_outcomes.values():
            for outcome in outcomes:
                if outcome.outcome_id == found:
                    return outcome
        raise OriginalResponseUnavailable("this key has already been used for something else")

    async def append(self, outcome: LoanOutcome, after: StoredLoan, claim: Claim | None = None) -> LoanOutcome:
        if claim is not None and (first := await self.under(claim)) is not None:
            return first
        self.add([outcome], [after])
        if claim is not None:
            self._decisions.claim(claim, outcome.outcome_id)
        return outcome

    def add(self, outcomes: Sequence[LoanOutcome], loans: Sequence[StoredLoan]) -> None:
        """Record outcomes and the loans after them, or nothing; raises LoanConflict."""
        known = {name: list(each) for name, each in self._decisions.loan_outcomes.items()}
        for outcome in outcomes:
            history = known.setdefault(outcome.application_id, [])
            if outcome.number != len(history) + 1:
                raise LoanConflict("another outcome of the loan was recorded at the same time")
            history.append(outcome)
        self._decisions.loan_outcomes = known
        for outcome in outcomes:
            self._decisions.record_document(
                at=outcome.at,
                actor=outcome.actor.name,
                action=outcome.kind.value,
                subject=outcome.outcome_id,
                document=encode(outcome),
            )
        self._decisions.loans |= {each.loan.application_id: each for each in loans}

    async def loans(self, keys: Collection[LoanKey], *, by: Actor) -> Mapping[LoanKey, StoredLoan | str]:
        return {key: await self._loan(key, by) for key in keys}

    async def _loan(self, key: LoanKey, by: Actor) -> StoredLoan | str:
        records = [record for record in self._decisions.records() if not record.trial]
        tiers = (
            [each for each in records if each.decision_id == key.identifier],
            [each for each in records if self._has_reference(each, key, key.source or by.name)],
            [each for each in records if self._has_reference(each, key, None)] if self._anywhere(key, by) else [],
        )
        for tier in tiers:
            found = {}
            for record in tier:
                stored = await self._applications.find(record.decision_id)
                if stored is not None and by.may_see(stored.requested_by):
                    found[stored.application_id] = stored
            if len(found) > 1:
                return AMBIGUOUS
            for stored in found.values():
                accepted = stored.actions[-1].details if stored.actions else None
                newest = stored.newest
                if not isinstance(accepted, Acceptance) or not isinstance(newest, DecisionRecord):
                    return NOT_ACCEPTED
                return StoredLoan(
                    fold(stored.application_id, accepted.amount, await self.history(stored.application_id)),
                    newest.decision_id,
                    newest.prediction.pd.value,
                    newest.application.product.name,
                    newest.decision.grade,
                    stored.requested_by,
                    newest.identity.source,
                )
        return "names no application" if key.source is None else "names no application of this source"

    @staticmethod
    def _anywhere(key: LoanKey, by: Actor) -> bool:
        return key.source is None and by.may(Permission.READ_ALL_DECISIONS)

    @staticmethod
    def _has_reference(record: DecisionRecord, key: LoanKey, scope: str | None) -> bool:
        if key.reference is None or record.identity.application_reference != key.reference:
            return False
        return scope is None or scope == (record.identity.source or record.requested_by.name)


@dataclass(slots=True)
class _Kept:
    """An import with its content, its errors and its lease."""

    wanted: OutcomeImport
    content: list[bytes]
    errors: list[bytes] = field(default_factory=list)
    token: UUID | None = None
    lease_until: float = 0.0
    attempts: int = 0


class MemoryOutcomeImports(OutcomeImports, ImportWork):
    """Both ports of imports."""

    def __init__(
        self,
        decisions: MemoryDecisions,
        *,
        lease_seconds: float = 15.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._decisions = decisions
        self._outcomes = MemoryLoanOutcomes(decisions)
        self._lease_seconds = lease_seconds
        self._now = now
        self._kept: dict[UUID, _Kept] = {}

    @property
    def lease_seconds(self) -> float:
        return self._lease_seconds

    async def accept(
        self,
        wanted: OutcomeImport,
        content: BatchContent,
        claim_on: ImportClaim | None,
        event_of: ImportEvent,
    ) -> OutcomeImport:
        chunks = [chunk async for chunk in content.chunks()]
        queued = wanted.received(size=content.size, digest=content.digest)
        claim = None if claim_on is None else claim_on(queued)
        first = None if claim is None else self._decisions.claimed(claim)
        if first is not None:
            if first not in self._kept:
                raise OriginalResponseUnavailable("this key has already been used for something else")
            return self._kept[first].wanted
        if claim is not None:
            self._decisions.claim(claim, queued.import_id)
        self._kept[queued.import_id] = _Kept(queued, chunks)
        await self._decisions.record_event(event_of(queued))
        return queued

    async def find(self, import_id: UUID) -> OutcomeImport | None:
        return self._kept[import_id].wanted if import_id in self._kept else None

    async def page(self, *, limit: int, before: UUID | None = None, owner: str | None = None) -> ImportPage:
        imports = [self._kept[each].wanted for each in sorted(self._kept, reverse=True)]
        found = [
            each
            for each in imports
            if (before is None or each.import_id < before) and owner in {None, each.requested_by.name}
        ]
        return ImportPage(tuple(found[:limit]), found[limit - 1].import_id if len(found) > limit else None)

    async def errors(self, import_id: UUID) -> AsyncIterator[bytes]:
        for lines in self._kept[import_id].errors:
            yield lines

    async def lease_next(self, at: datetime, import_id: UUID | None = None) -> ImportLease | None:
        for each in sorted(self._kept):
            kept = self._kept[each]
            free = not kept.wanted.state.ended and kept.lease_until <= self._now()
            if free and import_id in {None, each}:
                started = kept.wanted.started_at or at
                kept.wanted = replace(kept.wanted, state=ImportState.RUNNING, started_at=started)
                kept.token, kept.attempts = uuid4(), kept.attempts + 1
                kept.lease_until = self._now() + self._lease_seconds
                return ImportLease(kept.wanted, kept.token, kept.attempts)
        return None

    async def renew(self, lease: ImportLease) -> None:
        self._held(lease).lease_until = self._now() + self._lease_seconds

    async def content(self, lease: ImportLease) -> AsyncIterator[bytes]:
        for chunk in self._kept[lease.wanted.import_id].content:
            yield chunk

    async def record(self, lease: ImportLease, chunk: ImportedChunk) -> ImportLease:
        kept = self._held(lease)
        self._outcomes.add(chunk.outcomes, chunk.loans)
        kept.wanted = lease.wanted.after(chunk.progress)
        if chunk.errors:
            kept.errors.append(chunk.errors)
        kept.attempts = 0
        kept.lease_until = self._now() + self._lease_seconds
        return replace(lease, wanted=kept.wanted, attempts=0)

    async def end(self, lease: ImportLease, ended: OutcomeImport) -> None:
        kept = self._held(lease)
        kept.wanted, kept.token, kept.content = ended, None, []

    async def release(self, lease: ImportLease, *, retry_delay_seconds: float = 0.0) -> None:
        kept = self._held(lease)
        kept.lease_until = self._now() + retry_delay_seconds
        kept.wanted = replace(kept.wanted, state=ImportState.QUEUED)
        kept.token, kept.attempts = None, max(0, kept.attempts - 1)

    def _held(self, lease: ImportLease) -> _Kept:
        kept = self._kept[lease.wanted.import_id]
        if kept.token != lease.token:
            raise ImportLeaseLost(f"import {lease.wanted.import_id} was taken over")
        return kept


def outcomes_over(
    decisions: MemoryDecisions,
    applications: Applications,
    policies: MemoryPolicies,
    clock: Clock,
    imports: MemoryOutcomeImports | None = None,
) -> OutcomeUseCases:
    """The use cases over decisions in memory."""
    deciding_policy = FindDecidingPolicy(MemoryProducts(PERSONAL_LOAN), policies)
    return OutcomeUseCases.over(
        applications=FindApplication(applications, FindLife(deciding_policy), clock),
        outcomes=MemoryLoanOutcomes(decisions),
        imports=imports or MemoryOutcomeImports(decisions),
        vintages=MemoryVintages(decisions),
        clock=clock,
        identifiers=TimeOrderedIdentifiers(),
    )
