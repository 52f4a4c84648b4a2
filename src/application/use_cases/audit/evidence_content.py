"""What an export of evidence contains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from application.ports.audit.evidence_records import Coverage, EvidenceRecords, Place, StoredAction, StoredSubject
from domain.access.user import Actor
from domain.audit.entry import AuditEntry
from domain.audit.event import EventKind
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision

_MAX_EVENTS = 1000
_MAX_ACTIONS = 20_000


@dataclass(frozen=True, slots=True)
class Export:
    """One export: who made it, when, and of what."""

    export_id: UUID
    at: datetime
    by: Actor
    selection: str
    decisions: tuple[DecisionRecord | UnreadableDecision, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """The decisions of an export, what people did about them, and events, as they are stored.

    `coverage` are the checkpoints that cover their entries.
    """

    decisions: Sequence[StoredSubject]
    actions: Sequence[StoredAction]
    final_decisions: Sequence[StoredAction]
    events: Sequence[StoredSubject]
    coverage: Mapping[Place, Coverage]

    @classmethod
    async def of(
        cls,
        selected: Sequence[DecisionRecord | UnreadableDecision],
        records: EvidenceRecords,
        trusted: Sequence[bytes],
    ) -> "Found":
        """What is stored about these decisions, with events about them and the activation of their policies."""
        identifiers = [each.decision_id for each in selected]
        policies = {each.decision.policy_version for each in selected if isinstance(each, DecisionRecord)}
        events = [
            *await records.events_about([str(each) for each in identifiers], limit=_MAX_EVENTS),
            *await records.events_about(policies, kinds=[EventKind.POLICY_ACTIVATED], limit=_MAX_EVENTS),
        ]
        actions = await records.actions_on(identifiers, limit=_MAX_ACTIONS)
        final_decisions = await records.final_decisions_on(identifiers)
        found = cls(await records.decisions(identifiers), actions, final_decisions, events, {})
        return await found.with_coverage(records, trusted)

    async def with_coverage(self, records: EvidenceRecords, trusted: Sequence[bytes]) -> "Found":
        """The same with the checkpoints that cover the entries now."""
        return replace(self, coverage=await records.coverage(self._places, trusted))

    @property
    def uncovered(self) -> bool:
        """Whether some entry is not covered by a checkpoint."""
        return any(place not in self.coverage for place in self._places)

    @property
    def _places(self) -> list[Place]:
        subjects = (each for subjects in self.folders.values() for each in subjects)
        return [place_of(each.entries[0]) for each in subjects if each.entries]

    @property
    def folders(self) -> Mapping[str, Sequence[StoredSubject]]:
        """The subjects by the folder of the package that they are in."""
        return {
            "decisions": self.decisions,
            "final_decisions": _subjects(self.final_decisions),
            "actions": _subjects(self.actions),
            "events": self.events,
        }


def place_of(entry: AuditEntry) -> Place:
    """The place of an entry."""
    return Place(entry.chain, entry.sequence)


def _subjects(actions: Sequence[StoredAction]) -> Sequence[StoredSubject]:
    """Each subject once: an action can be listed for several decisions."""
    return list({each.subject.identifier: each.subject for each in actions}.values())
