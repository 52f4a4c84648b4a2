"""Recorded decisions in memory: ledger, archive and audit trail over one list."""

from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from adapters.persistence.decisions.documents import encode
from application.ports.audit.audit_events import AuditEvents
from application.ports.audit.audit_trail import AuditTrail
from application.ports.decisions.decision_archive import (
    MAX_COUNTED,
    DecisionArchive,
    DecisionFilter,
    DecisionPage,
    DecisionSort,
    FinalOutcomeFilter,
    InvalidCursor,
)
from application.ports.decisions.decision_ledger import (
    AlreadyRecorded,
    ApplicationReferenceTaken,
    DecisionLedger,
    HistoryChanged,
    ReferencesTaken,
)
from application.ports.decisions.idempotency import Claim, KeyReused
from application.ports.decisions.idempotency_keys import IdempotencyKeys
from application.ports.outcomes.loan_outcomes import StoredLoan
from domain.applications.application_action import ApplicationAction
from domain.applications.application_reference import ApplicationReference
from domain.applications.money import Money
from domain.audit.entry import AuditEntry, ChainHead
from domain.audit.event import RecordedEvent
from domain.audit.subject import DECISION_RECORDED, SubjectKind
from domain.cases.case_action import CaseAction
from domain.cases.final_decision import FinalDecision
from domain.cases.referral_case import ReferralCase
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision
from domain.outcomes.loan_outcome import LoanOutcome
from domain.policies.final_outcome import FinalOutcome, final_outcome
from domain.products.personal_loan import PERSONAL_LOAN


class MemoryDecisions(DecisionLedger, DecisionArchive, AuditTrail, IdempotencyKeys, AuditEvents):
    """All ports of recorded decisions and events, in the order of recording."""

    def __init__(self) -> None:
        self._records: dict[UUID, DecisionRecord] = {}
        self._unreadable: dict[UUID, UnreadableDecision] = {}
        self._entries: list[AuditEntry] = []
        self._references: dict[ApplicationReference, UUID] = {}
        self._claims: dict[tuple[str, str], tuple[bytes, UUID, datetime]] = {}
        self._head = ChainHead(uuid4())
        self._events: dict[UUID, RecordedEvent] = {}
        self._event_entries: list[AuditEntry] = []
        self._event_head = ChainHead(uuid4())
        self.case_actions: dict[UUID, list[CaseAction]] = {}
        self.case_leases: dict[UUID, datetime | None] = {}
        self.case_reviews: list[ReferralCase] = []
        self.final_decisions: list[FinalDecision] = []
        self.application_actions: dict[UUID, list[ApplicationAction]] = {}
        self.accepted_amounts: dict[UUID, Money] = {}
        self.loan_outcomes: dict[UUID, list[LoanOutcome]] = {}
        self.loans: dict[UUID, StoredLoan] = {}
        self._documents: dict[UUID, bytes] = {}

    async def record_each(
        self, entries: Sequence[tuple[DecisionRecord, Claim | None]]
    ) -> Sequence[DecisionRecord | Exception]:
        return [self._kept(record, claim) for record, claim in entries]

    def _kept(self, record: DecisionRecord, claim: Claim | None) -> DecisionRecord | Exception:
        try:
            if claim is not None and claim.place in self._claims:
                fingerprint, first, _ = self._claims[claim.place]
                claim.check_same_request(fingerprint)
                return self._records[first]
            reference = record.reference
            if reference is not None and reference in self._references:
                return self._taken(reference)
            self._keep_all((record,))
        except (AlreadyRecorded, HistoryChanged, KeyReused) as fault:
            return fault
        if reference is not None:
            self._references[reference] = record.decision_id
        if claim is not None:
            self._claims[claim.place] = claim.fingerprint, record.decision_id, datetime.now(UTC)
        return record

    def claimed(self, claim: Claim) -> UUID | None:
        """What is recorded under the claim; raises KeyReused."""
        fingerprint, subject, _ = self._claims.get(claim.place, (claim.fingerprint, None, None))
        claim.check_same_request(fingerprint)
        return subject

    def claim(self, claim: Claim, subject: UUID) -> None:
        """Record a claim for something other than a decision."""
        self._claims[claim.place] = claim.fingerprint, subject, datetime.now(UTC)

    def record_document(self, *, at: datetime, actor: str, action: str, subject: UUID, document: bytes) -> None:
        """Record a document that is stored elsewhere, with its audit entry."""
        entry, self._event_head = self._event_head.append(
            at=at, actor=actor, action=action, subject=subject, document=document
        )
        self._documents[subject] = document
        self._event_entries.append(entry)

    def supersede(
        self, record: DecisionRecord, reference: ApplicationReference | None, claim: Claim | None
    ) -> None:
        """Record a decision that supersedes another; its reference is taken over, or new."""
        if reference is not None and self._references.get(reference, record.supersedes) != record.supersedes:
            raise self._taken(reference)
        self._keep_all((record,))
        if reference is not None:
            self._references[reference] = record.decision_id
        if claim is not None:
            self.claim(claim, record.decision_id)

    def _taken(self, reference: ApplicationReference) -> ApplicationReferenceTaken:
        other = self._references[reference]
        first = self._records[other]
        while first.supersedes is not None:
            first = self._records[first.supersedes]
        readable = None if other in self._unreadable else self._records[other]
        return ApplicationReferenceTaken(reference, other, readable, first.requested_by.name)

    async def purge(self, *, older_than: timedelta, limit: int) -> int:
        before = datetime.now(UTC) - older_than
        old = [place for place, (_, _, made_at) in self._claims.items() if made_at < before][:limit]
        for place in old:
            del self._claims[place]
        return len(old)

    async def record_all(self, records: Iterable[DecisionRecord]) -> None:
        kept = tuple(records)
        references = [each.reference for each in kept if each.reference is not None]
        taken = {each: self._taken(each) for each in references if each in self._references}
        if taken or len(set(references)) < len(references):
            raise ReferencesTaken(taken)
        self._keep_all(kept)
        self._references.update({each.reference: each.decision_id for each in kept if each.reference is not None})

    def _keep_all(self, records: Sequence[DecisionRecord]) -> None:
        identifiers = {record.decision_id for record in records}
        if len(identifiers) < len(records) or any(each in self._records for each in identifiers):
            raise AlreadyRecorded("a decision with this identifier is already recorded")
        last = Counter(record.applicant for record in self._records.values())
        for record in records:
            number = record.applicant_number or last[record.applicant] + 1
            if record.applicant is not None and number <= last[record.applicant]:
                raise HistoryChanged("another application of the applicant was recorded meanwhile")
            last[record.applicant] += 1
        for record in records:
            entry, self._head = self._head.append(
                at=record.decided_at,
                actor=record.requested_by.name,
                action=DECISION_RECORDED,
                subject=record.decision_id,
                document=_document(record),
            )
            self._records[record.decision_id] = record
            self._entries.append(entry)

    async def record_event(self, event: RecordedEvent) -> None:
        entry, self._event_head = self._event_head.append(
            at=event.at,
            actor=event.actor,
            action=event.kind.value,
            subject=event.event_id,
            document=event.document(),
        )
        self._events[event.event_id] = event
        self._event_entries.append(entry)

    @property
    def final_outcomes(self) -> Mapping[UUID, FinalOutcome]:
        """What people decided last."""
        return {final.decision_id: final.outcome for final in self.final_decisions}

    def records(self) -> Collection[DecisionRecord]:
        return self._records.values()

    def damage(self, decision_id: UUID, problem: str) -> None:
        """Make a recorded decision unreadable."""
        record = self._records[decision_id]
        self._unreadable[decision_id] = UnreadableDecision(
            decision_id, record.decided_at, record.requested_by.name, "0" * 64, problem
        )

    async def find(self, decision_id: UUID) -> DecisionRecord | UnreadableDecision | None:
        return self._unreadable.get(decision_id) or self._records.get(decision_id)

    async def page(
        self, wanted: DecisionFilter, *, limit: int, cursor: str | None = None, owner: str | None = None
    ) -> DecisionPage:
        """A page of the decisions that match; the cursor is the position of the page's first decision."""
        matching = sorted(
            (
                record
                for record in self._records.values()
                if owner in {None, record.requested_by.name}
                and _matches(record, wanted)
                and self._has_final_outcome(record, wanted.final_outcome)
            ),
            key=lambda record: (_sorted_by(record, wanted.sort), record.decision_id),
            reverse=wanted.sort in {DecisionSort.NEWEST, DecisionSort.AMOUNT, DecisionSort.PD},
        )
        sort, _, position = (f"{wanted.sort}:0" if cursor is None else cursor).partition(":")
        if sort != wanted.sort or not position.isdecimal():
            raise InvalidCursor(f"not a cursor of this archive: {cursor!r}")
        start = int(position)
        end = start + limit
        return DecisionPage(
            records=tuple(self._unreadable.get(record.decision_id, record) for record in matching[start:end]),
            next_cursor=f"{wanted.sort}:{end}" if end < len(matching) else None,
            total=min(len(matching), MAX_COUNTED),
            final_outcomes={
                record.decision_id: self.final_outcomes[record.decision_id]
                for record in matching[start:end]
                if record.decision_id in self.final_outcomes
            },
        )

    def _has_final_outcome(self, record: DecisionRecord, wanted: FinalOutcomeFilter | None) -> bool:
        found = final_outcome(record.decision.outcome, self.final_outcomes.get(record.decision_id))
        return wanted is None or wanted.value == (FinalOutcomeFilter.UNDECIDED if found is None else found).value

    async def entries(self) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        for entry in sorted(self._entries + self._event_entries, key=lambda entry: (entry.chain, entry.sequence)):
            record, event = self._records.get(entry.subject), self._events.get(entry.subject)
            if entry.action == DECISION_RECORDED:
                yield entry, None if record is None else _document(record)
            elif entry.subject in self._documents:
                yield entry, self._documents[entry.subject]
            else:
                yield entry, event.document() if event and event.kind == entry.action else None

    async def entries_after(self, heads: Collection[ChainHead]) -> AsyncIterator[tuple[AuditEntry, bytes | None]]:
        lengths = {head.chain: head.length for head in heads}
        async for entry, document in self.entries():
            if entry.sequence > lengths.get(entry.chain, 0):
                yield entry, document

    async def changed_heads(self, heads: Collection[ChainHead]) -> Sequence[ChainHead]:
        found = {
            ChainHead(entry.chain, entry.sequence, entry.digest) for entry in self._entries + self._event_entries
        }
        return [head for head in heads if head not in found]

    async def subjects_without_entry(
        self, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        lowest = UUID(int=int(since.timestamp() * 1000) << 80) if since else UUID(int=0)
        proven = {entry.subject for entry in self._entries + self._event_entries}
        for kind, stored in ((SubjectKind.DECISION, self._records), (SubjectKind.EVENT, self._events)):
            for identifier in stored.keys() - proven:
                if identifier >= lowest:
                    yield kind, identifier

    async def subjects_with_several_entries(
        self, *, since: datetime | None = None
    ) -> AsyncIterator[tuple[SubjectKind, UUID]]:
        lowest = UUID(int=int(since.timestamp() * 1000) << 80) if since else UUID(int=0)
        entries = self._entries + self._event_entries
        counted = Counter((entry.kind, entry.subject) for entry in entries if entry.subject >= lowest)
        for subject, count in counted.items():
            if count > 1:
                yield subject

    def events(self) -> Collection[RecordedEvent]:
        return self._events.values()


def _document(record: DecisionRecord) -> bytes:
    return encode(record)


def _sorted_by(record: DecisionRecord, sort: DecisionSort) -> Any:
    if sort in {DecisionSort.AMOUNT, DecisionSort.AMOUNT_ASCENDING}:
        return record.application.terms.amount.cents
    return record.prediction.pd.value if "pd" in sort else record.decided_at


def _matches(record: DecisionRecord, wanted: DecisionFilter) -> bool:
    terms, decision, identity = record.application.terms, record.decision, record.identity
    text, references = wanted.text, (identity.application_reference, identity.applicant_reference)
    equal = (
        (wanted.application_reference, identity.application_reference),
        (wanted.applicant_reference, identity.applicant_reference),
        (wanted.source, identity.source),
        (wanted.channel, identity.channel),
        (wanted.received_through, record.received_through),
        (wanted.model_version, record.model_version),
        (wanted.policy_version, decision.policy_version),
        (wanted.trial, record.trial),
    )
    return (
        all(expected is None or expected == actual for expected, actual in equal)
        and (wanted.outcome is None or decision.outcome is wanted.outcome)
        and (wanted.since is None or record.decided_at >= wanted.since)
        and (wanted.until is None or record.decided_at < wanted.until)
        and (wanted.minimum_amount is None or terms.amount.dollars >= wanted.minimum_amount)
        and (wanted.maximum_amount is None or terms.amount.dollars <= wanted.maximum_amount)
        and (wanted.minimum_pd is None or record.prediction.pd.value >= wanted.minimum_pd)
        and (wanted.below_pd is None or record.prediction.pd.value < wanted.below_pd)
        and (wanted.grade is None or decision.grade == wanted.grade)
        and (wanted.requested_by is None or record.requested_by.name == wanted.requested_by)
        and (
            text is None
            or str(record.decision_id).startswith(text.lower())
            or text.lower() in record.requested_by.name.lower()
            or any((reference or "").lower().startswith(text.lower()) for reference in references)
            or terms.purpose in wanted.purposes_among(PERSONAL_LOAN.purposes)
        )
    )
