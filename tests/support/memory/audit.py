"""The use cases of the audit trail over stores in memory."""

from dataclasses import dataclass
from typing import Self

from adapters.security.audit_signing import Ed25519Signatures
from adapters.system import TimeOrderedIdentifiers
from application.ports.audit.audit_events import AuditEvents
from application.ports.audit.audit_trail import AuditTrail
from application.ports.audit.checkpoints import Checkpoints
from application.ports.audit.event_history import EventHistory
from application.ports.audit.signatures import Signer
from application.ports.audit.stored_versions import StoredVersions
from application.ports.audit.verification_reports import VerificationReports
from application.ports.operations.clock import Clock
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.list_events import ListEvents
from application.use_cases.audit.read_verifications import (
    ListVerifications,
    ReadLastVerifications,
    ReadVerification,
)
from application.use_cases.audit.verification import RecordedVerifications
from application.use_cases.audit.verify_audit_trail import VerifyAuditTrail
from support.memory.verification_reports import MemoryVerificationReports


@dataclass(frozen=True)
class AuditUseCases:
    """Verifications that are recorded and signed, and what is read of the trail."""

    recorded: RecordedVerifications
    verify_audit_trail: VerifyAuditTrail
    list_events: ListEvents
    read_last_verifications: ReadLastVerifications
    list_verifications: ListVerifications
    read_verification: ReadVerification

    @classmethod
    def over(  # noqa: PLR0917 - the ports
        cls,
        trail: AuditTrail,
        checkpoints: Checkpoints,
        events: AuditEvents,
        history: EventHistory,
        clock: Clock,
        signer: Signer,
        versions: StoredVersions | None = None,
        reports: VerificationReports | None = None,
    ) -> Self:
        signatures, trusted = Ed25519Signatures(), (signer.public_key,)
        reports = reports or MemoryVerificationReports(events)
        new_event = EventFactory(clock, TimeOrderedIdentifiers())
        recorded = RecordedVerifications(history, reports, new_event, signatures, clock, trusted, signer)
        return cls(
            recorded,
            VerifyAuditTrail(trail, checkpoints, signatures, trusted, versions, recorded),
            ListEvents(history),
            ReadLastVerifications(recorded),
            ListVerifications(recorded),
            ReadVerification(recorded),
        )
