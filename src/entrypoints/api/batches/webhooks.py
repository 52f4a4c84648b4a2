"""/api/v1/webhooks: what receivers need to check webhooks, and those that never arrived."""

from typing import Annotated
from uuid import UUID

from litestar import Response, route
from litestar.di import NamedDependency
from msgspec import Meta, Struct

from application.catalog import UseCases
from application.ports.batches.webhooks import Delivery
from domain.access.user import Actor
from entrypoints.api.http.responses import PRIVATE, READING, reply

PATH = "/api/v1/webhooks"


class WebhookSecret(Struct, frozen=True):
    """The secret that the caller's webhooks are signed with."""

    secret: Annotated[
        str,
        Meta(
            description="The key, as ASCII, of the HMAC-SHA256 in the header Scoring-Signature "
            "(t=seconds,v1=hexadecimal), which is made of those seconds, a full stop and the body."
        ),
    ]


class DeadLetter(Struct, frozen=True):
    """A webhook that was given up."""

    delivery_id: UUID
    batch_id: UUID
    event: Annotated[str, Meta(examples=["batch.done"])]
    url: str
    attempts: int
    last_fault: str | None


class DeadLetterList(Struct, frozen=True):
    """The webhooks that were given up, the newest first, at most 200."""

    dead_letters: list[DeadLetter]


@route(PATH + "/secret", http_method=READING, sync_to_thread=False)
def read_webhook_secret(use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]) -> Response[bytes]:
    """The caller's own secret."""
    return reply(WebhookSecret(use_cases.batches.webhook_secret(by=caller)), headers=PRIVATE)


@route(PATH + "/dead-letters", http_method=READING)
async def list_dead_letters(
    use_cases: NamedDependency[UseCases], caller: NamedDependency[Actor]
) -> Response[bytes]:
    """Webhooks that never arrived; `scoring webhooks retry` tries one again."""
    found = await use_cases.batches.dead_letters(by=caller)
    return reply(DeadLetterList([_dead_letter(each) for each in found]))


def _dead_letter(delivery: Delivery) -> DeadLetter:
    return DeadLetter(
        delivery_id=delivery.delivery_id,
        batch_id=delivery.batch_id,
        event=delivery.event,
        url=delivery.url,
        attempts=delivery.attempts,
        last_fault=delivery.last_fault,
    )


WEBHOOK_ROUTES = (read_webhook_secret, list_dead_letters)
