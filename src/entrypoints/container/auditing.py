"""The audit trail for the command line."""

from adapters.persistence.audit_trail import PostgresAuditTrail
from adapters.persistence.connections import reading_engine
from application.use_cases.verify_audit_trail import Verification, VerifyAuditTrail
from domain.access.user import Actor, Role
from entrypoints.settings import Settings


async def verify_audit_trail(settings: Settings, operator: str) -> Verification:
    """Check every entry on behalf of somebody at the machine's command line."""
    engine = reading_engine(settings.database_url or "", most_connections=1)
    try:
        return await VerifyAuditTrail(PostgresAuditTrail(engine))(by=Actor(operator, Role.AUDITOR))
    finally:
        await engine.dispose()
