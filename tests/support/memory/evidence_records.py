"""What exports of evidence read, from memory."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from uuid import UUID

from application.ports.audit.evidence_records import Coverage, EvidenceRecords, Place, StoredAction, StoredSubject
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.entry import AuditEntry
from domain.audit.subject import DECISION_RECORDED
from support.memory.checkpoints import MemoryCheckpoints
from support.memory.decisions import MemoryDecisions


class MemoryEvidenceRecords(EvidenceRecords):
    """Reads recorded decisions and events with their entries."""

    def __init__(self, decisions: MemoryDecisions, checkpoints: MemoryCheckpoints) -> None:
        self._decisions = decisions
        self._checkpoints = checkpoints

    async def decisions(self, identifiers: Collection[UUID]) -> Sequence[StoredSubject]:
        stored = {record.decision_id for record in self._decisions.records()}
        return [await self._subject(each, DECISION_RECORDED) for each in identifiers if each in stored]

    async def actions_on(self, identifiers: Collection[UUID], *, limit: int) -> Sequence[StoredAction]:
        return []

    async def final_decisions_on(self, identifiers: Collection[UUID]) -> Sequence[StoredAction]:
        return []

    async def events_about(
        self, subjects: Collection[str], *, kinds: Collection[str] = (), limit: int
    ) -> Sequence[StoredSubject]:
        found = [
            event
            for event in self._decisions.events()
            if event.subject in subjects and (not kinds or event.kind in kinds)
        ]
        newest = sorted(found, key=lambda event: event.event_id, reverse=True)[:limit]
        return [await self._subject(event.event_id, event.kind) for event in newest]

    async def _subject(self, identifier: UUID, action: str) -> StoredSubject:
        document, entries = None, []
        async for entry, found in self._decisions.entries():
            if entry.subject == identifier and entry.action == action:
                document = found
                entries.append(entry)
        return StoredSubject(identifier, document, tuple(entries))

    async def coverage(
        self, places: Collection[Place], trusted: Collection[bytes] = ()
    ) -> Mapping[Place, Coverage]:
        covered: dict[Place, Coverage] = {}
        async for signed in self._checkpoints.all():
            if trusted and signed.public_key not in trusted:
                continue
            for head in signed.checkpoint.heads:
                for place in places:
                    if place.chain == head.chain and place.sequence <= head.length:
                        covered.setdefault(place, Coverage(signed.checkpoint.number, head.length))
        return covered

    async def checkpoints(self, numbers: Collection[int]) -> Sequence[SignedCheckpoint]:
        return [signed async for signed in self._checkpoints.all() if signed.checkpoint.number in numbers]

    async def links(self, chain: UUID, first: int, last: int) -> AsyncIterator[AuditEntry]:
        async for entry, _ in self._decisions.entries():
            if entry.chain == chain and first <= entry.sequence <= last:
                yield entry
