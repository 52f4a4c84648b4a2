"""Responses on webhooks."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class WebhookSecret(Struct, frozen=True):
    """The secret that the caller's webhooks are signed with."""

    secret: Annotated[
        str,
        Meta(
            description="The ASCII key of the HMAC-SHA256 in the header Scoring-Signature "
            "(t=seconds,v1=hexadecimal), computed over those seconds, a full stop and the body."
        ),
    ]


class DeadLetter(Struct, frozen=True):
    """An undelivered webhook."""

    delivery_id: UUID
    batch_id: UUID
    event: Annotated[str, Meta(examples=["batch.done"])]
    url: str
    attempts: Annotated[int, Meta(description="Attempts made.")]
    last_fault: Annotated[str | None, Meta(description="Why the last attempt failed.")]


class DeadLetterList(Struct, frozen=True):
    """A page of undelivered webhooks, newest first."""

    dead_letters: list[DeadLetter]
    next_cursor: Annotated[UUID | None, Meta(description="The cursor of the next page; null on the last.")]
