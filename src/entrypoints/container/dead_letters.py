"""Dead letters for the command line."""

from collections.abc import Sequence
from uuid import UUID

from adapters.persistence.connections import reading_engine
from adapters.persistence.outbox import PostgresOutbox
from application.ports.webhooks import Delivery
from application.use_cases.dead_letters import ListDeadLetters, RetryDeadLetter
from domain.access.user import Actor, Role
from domain.access.user_name import one_spelling
from entrypoints.container.secrets import check_secret_key, recipient_secrets
from entrypoints.settings import Settings


async def list_dead_letters(settings: Settings, operator: str) -> Sequence[Delivery]:
    """The webhooks that were given up."""
    engine = reading_engine(settings.database_url or "", most_connections=1)
    try:
        return await ListDeadLetters(PostgresOutbox(engine))(by=Actor(operator, Role.RISK_MANAGER))
    finally:
        await engine.dispose()


async def retry_dead_letter(settings: Settings, delivery_id: UUID, operator: str) -> None:
    """Have one tried again; raises NoSuchDelivery."""
    engine = reading_engine(settings.database_url or "", most_connections=1)
    try:
        await RetryDeadLetter(PostgresOutbox(engine))(delivery_id, by=Actor(operator, Role.RISK_MANAGER))
    finally:
        await engine.dispose()


def webhook_secret(settings: Settings, recipient: str) -> str:
    """The secret that a user's webhooks are signed with; raises SecretKeyMissing."""
    check_secret_key(settings)
    return recipient_secrets(settings).secret_of(one_spelling(recipient))
