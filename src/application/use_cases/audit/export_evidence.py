"""Export evidence on decisions: a package that proves, without this service, that their records are unchanged."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from application.ports.audit.audit_events import EventRefused
from application.ports.audit.checkpoints import Checkpoints
from application.ports.audit.evidence_package import EvidencePackages, EvidenceRenderer, SealedPackage
from application.ports.audit.evidence_records import EvidenceRecords
from application.ports.audit.signatures import Signer
from application.ports.decisions.decision_archive import MAX_COUNTED, DecisionArchive, DecisionFilter
from application.ports.operations.clock import Clock
from application.ports.operations.identifiers import Identifiers
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.evidence_content import Export, Found
from application.use_cases.audit.evidence_versions import EvidenceVersions
from application.use_cases.audit.evidence_writer import EvidenceWriter
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.decisions.read_decisions import DecisionNotFound
from domain.access.user import Actor, Permission
from domain.audit.event import Detail, EventKind
from domain.audit.evidence import MAX_DECISIONS
from domain.decisions.decision_record import DecisionRecord
from domain.decisions.unreadable_decision import UnreadableDecision


class SelectionTooLarge(ValueError):
    """More decisions match than one export may contain."""

    def __init__(self, count: int) -> None:
        number = f"{count:,} or more" if count == MAX_COUNTED else f"{count:,}"
        super().__init__(
            f"{number} decisions match, and an export has at most {MAX_DECISIONS:,}; narrow the selection, for "
            "example to shorter periods, and export each"
        )


class SelectionEmpty(ValueError):
    """No decision matches."""


class ExportNotRecorded(Exception):
    """The export could not be recorded on the audit trail, so nothing was handed over."""


@dataclass(frozen=True, slots=True)
class EvidenceSelection:
    """Which decisions to export: those with these identifiers if there are any, else all that match the filter."""

    wanted: DecisionFilter = field(default_factory=DecisionFilter)
    identifiers: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportedEvidence:
    """An export: the name of its file, the number of decisions, and the package."""

    name: str
    decisions: int
    package: SealedPackage


@dataclass(frozen=True, slots=True)
class ExportEvidence:
    """Exports the decisions of a selection that the actor may read.

    A decision that no checkpoint covers yet gets one if the actor may verify the trail and the last checkpoint is
    this signer's. Without a `signer` the export as a whole is not signed.
    """

    archive: DecisionArchive
    records: EvidenceRecords
    checkpoints: Checkpoints
    versions: EvidenceVersions
    packages: EvidencePackages
    renderer: EvidenceRenderer
    create_checkpoint: CreateCheckpoint
    record_event: RecordEvent
    clock: Clock
    identifiers: Identifiers
    trusted: Sequence[bytes] = ()
    signer: Signer | None = None

    async def __call__(self, selection: EvidenceSelection, *, by: Actor) -> ExportedEvidence:
        """Export the evidence.

        Raises DecisionNotFound, SelectionTooLarge, SelectionEmpty and ExportNotRecorded.
        """
        by.require(Permission.READ_DECISIONS)
        by.require(Permission.EXPORT_EVIDENCE)
        selected = await self._selected(selection, by)
        found = await self._found(selected, by)
        export = Export(self.identifiers.new(), self.clock.now(), by, _in_words(selection), tuple(selected))
        package = await self.packages.create()
        try:
            manifest_sha256 = await EvidenceWriter(
                package, self.records, self.versions, self.renderer, self.signer
            ).write(export, found)
            sealed = await package.seal()
            details: dict[str, Detail] = {
                "export": str(export.export_id),
                "decisions": len(selected),
                "selection": export.selection,
                "manifest_sha256": manifest_sha256,
                "sha256": sealed.sha256,
            }
            if len(selected) == 1:
                details["decision"] = str(selected[0].decision_id)
            await self.record_event(EventKind.EVIDENCE_EXPORTED, by=by, details=details)
        except BaseException as fault:
            package.discard()
            if isinstance(fault, EventRefused):
                raise ExportNotRecorded(f"the export could not be recorded: {fault}") from fault
            raise
        name = str(selected[0].decision_id) if len(selected) == 1 else f"{export.at:%Y%m%dT%H%M%SZ}"
        return ExportedEvidence(f"evidence-{name}.zip", len(selected), sealed)

    async def _selected(
        self, selection: EvidenceSelection, by: Actor
    ) -> Sequence[DecisionRecord | UnreadableDecision]:
        identifiers = tuple(dict.fromkeys(selection.identifiers))
        if len(identifiers) > MAX_DECISIONS:
            raise SelectionTooLarge(len(identifiers))
        if identifiers:
            return [record async for record in self._each(identifiers, by)]
        page = await self.archive.page(selection.wanted, limit=MAX_DECISIONS, owner=by.visible_owner)
        if page.next_cursor is not None:
            raise SelectionTooLarge(page.total)
        if not page.records:
            raise SelectionEmpty("no decision matches; nothing was exported")
        return page.records

    async def _each(
        self, identifiers: Sequence[UUID], by: Actor
    ) -> AsyncIterator[DecisionRecord | UnreadableDecision]:
        for decision_id in identifiers:
            record = await self.archive.find(decision_id)
            requester = None if record is None else record.requested_by
            owner = requester.name if isinstance(requester, Actor) else requester
            if record is None or owner is None or not by.may_see(owner):
                raise DecisionNotFound(f"there is no decision {decision_id}")
            yield record

    async def _found(self, selected: Sequence[DecisionRecord | UnreadableDecision], by: Actor) -> Found:
        found = await Found.of(selected, self.records, self.trusted)
        if found.uncovered and await self._may_create_checkpoint(by) and await self.create_checkpoint(by=by):
            found = await found.with_coverage(self.records, self.trusted)
        return found

    async def _may_create_checkpoint(self, by: Actor) -> bool:
        if self.signer is None or not by.may(Permission.VERIFY_AUDIT_TRAIL):
            return False
        last = await self.checkpoints.last()
        return last is None or last.public_key == self.signer.public_key


def _in_words(selection: EvidenceSelection) -> str:
    """The selection as the manifest and the event state it."""
    if selection.identifiers:
        return "by identifier"
    wanted = selection.wanted
    given = {name: getattr(wanted, name) for name in wanted.__dataclass_fields__ if name != "sort"}
    return ", ".join(f"{name} {_text(value)}" for name, value in given.items() if value is not None) or "all"


def _text(value: object) -> str:
    return str(getattr(value, "value", value))
