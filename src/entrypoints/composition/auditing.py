"""The audit trail for the command line: verifying it, and making checkpoints of it."""

from collections.abc import Collection

from adapters.persistence.audit.audit_events import PostgresAuditEvents
from adapters.persistence.audit.audit_trail import PostgresAuditTrail
from adapters.persistence.audit.checkpoints import PostgresCheckpoints
from adapters.persistence.audit.stored_versions import PostgresStoredVersions
from adapters.persistence.database.connections import database_engine
from adapters.persistence.database.database_dependency import DatabaseDependency
from adapters.persistence.database.migrations import migrate
from adapters.security.audit_signing import Ed25519Signatures
from adapters.system import SystemClock, TimeOrderedIdentifiers
from application.use_cases.audit.create_checkpoint import CreateCheckpoint
from application.use_cases.audit.event_factory import EventFactory
from application.use_cases.audit.record_event import RecordEvent
from application.use_cases.audit.verify_audit_trail import Verification, VerifyAuditTrail
from domain.access.user import Actor, Role
from domain.audit.checkpoint import SignedCheckpoint
from domain.audit.checkpoint_copy import CheckpointCopy
from domain.month import Month
from entrypoints.composition.secrets import checkpoint_signer, trusted_keys
from entrypoints.composition.security_events import command_line_events, recorded_verification
from entrypoints.configuration.settings import Settings


async def verify_audit_trail(
    settings: Settings,
    operator: str,
    trusted: tuple[bytes, ...] = (),
    archived: Collection[Month] = (),
    kept: Collection[CheckpointCopy] = (),
) -> Verification:
    """Check everything on behalf of somebody at the machine's command line.

    Checkpoints count when signed with a key in `trusted`; where none is given, with the service's own. Of
    decisions of `archived` months the records may be elsewhere. `kept` are copies of checkpoints to compare with.
    """
    engine = database_engine(settings.database_url or "", max_connections=1, command_timeout=None)
    try:
        await DatabaseDependency(engine).check()
        verify = recorded_verification(
            VerifyAuditTrail(
                PostgresAuditTrail(engine),
                PostgresCheckpoints(engine),
                Ed25519Signatures(),
                trusted or trusted_keys(settings),
                PostgresStoredVersions(engine),
                RecordEvent(PostgresAuditEvents(engine), EventFactory(SystemClock(), TimeOrderedIdentifiers())),
            ),
            command_line_events(settings),
        )
        return await verify(by=Actor(operator, Role.AUDITOR), archived=archived, copies=kept)
    finally:
        await engine.dispose()


async def create_checkpoint(settings: Settings, operator: str) -> SignedCheckpoint | None:
    """Make a checkpoint now; None when nothing was added since the last one."""
    await migrate(settings.database_url or "")
    engine = database_engine(settings.database_url or "", max_connections=1, command_timeout=None)
    try:
        make = CreateCheckpoint(PostgresCheckpoints(engine), checkpoint_signer(settings), SystemClock())
        return await make(by=Actor(operator, Role.AUDITOR))
    finally:
        await engine.dispose()


async def last_checkpoint(settings: Settings) -> SignedCheckpoint | None:
    """The newest checkpoint, or None where there is none."""
    engine = database_engine(settings.database_url or "", max_connections=1)
    try:
        await DatabaseDependency(engine).check()
        return await PostgresCheckpoints(engine).last()
    finally:
        await engine.dispose()


def audit_public_key(settings: Settings) -> str:
    """The public half of the key that signs checkpoints, hexadecimal."""
    return checkpoint_signer(settings).public_key.hex()
