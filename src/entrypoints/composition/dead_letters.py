"""Dead letters for the command line."""

from collections.abc import Sequence
from uuid import UUID

from adapters.persistence.batches.outbox import PostgresOutbox
from adapters.persistence.database.connections import database_engine
from application.ports.access.security_events import Result, SecurityEvent, SecurityEventKind
from application.ports.batches.webhooks import Delivery
from application.use_cases.batches.dead_letters import ListDeadLetters, RetryDeadLetter
from domain.access.user import Actor, Role
from domain.access.user_name import normalized_username
from entrypoints.composition.secrets import check_secret_key, recipient_secrets
from entrypoints.composition.security_events import command_line_events
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings


async def list_dead_letters(settings: Settings, operator: str) -> Sequence[Delivery]:
    """The webhooks that were given up."""
    engine = database_engine(settings.database_url or "", max_connections=1)
    try:
        return await ListDeadLetters(PostgresOutbox(engine))(by=Actor(operator, Role.RISK_MANAGER))
    finally:
        await engine.dispose()


async def retry_dead_letter(settings: Settings, delivery_id: UUID, operator: str) -> None:
    """Have one tried again; raises DeliveryNotFound."""
    engine = database_engine(settings.database_url or "", max_connections=1)
    try:
        await RetryDeadLetter(PostgresOutbox(engine))(delivery_id, by=Actor(operator, Role.RISK_MANAGER))
    finally:
        await engine.dispose()


def webhook_secret(settings: Settings, recipient: str) -> str:
    """The secret that a user's webhooks are signed with; showing it is an event. Raises SecretKeyMissing."""
    check_secret_key(settings)
    shown = SecurityEvent(
        SecurityEventKind.WEBHOOK_SECRET_READ, Result.SUCCEEDED, operating_system_user(), recipient
    )
    command_line_events(settings).record(shown)
    return recipient_secrets(settings).secret_of(normalized_username(recipient))
