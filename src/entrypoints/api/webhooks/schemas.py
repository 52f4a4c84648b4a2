"""Requests and responses on webhooks."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from domain.webhooks.event import WebhookEvent
from domain.webhooks.subscription import MAX_SUBSCRIPTIONS
from domain.webhooks.webhook_url import MAX_URL_LENGTH
from entrypoints.api.http.responses import Timestamp

_Url = Annotated[
    str,
    Meta(
        max_length=MAX_URL_LENGTH,
        description="An https URL without credentials, to which messages are posted.",
        examples=["https://portal.example/hooks/scoring"],
    ),
]


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


class NewSubscription(Struct, frozen=True, forbid_unknown_fields=True):
    """A subscription to events of the caller's own applications."""

    url: _Url
    events: Annotated[
        list[str],
        Meta(
            min_length=1,
            max_length=50,
            description=f"The events to send: {', '.join(WebhookEvent)}.",
            examples=[["decision.recorded", "case.resolved"]],
        ),
    ]


class SubscriptionResponse(Struct, frozen=True):
    """An active subscription with the state of its deliveries."""

    subscription_id: UUID
    url: _Url
    events: list[str]
    created_at: Timestamp
    last_delivered_at: Annotated[Timestamp | None, Meta(description="When a message was last delivered, UTC.")]
    failing_since: Annotated[
        Timestamp | None,
        Meta(description="Since when every attempt has failed, UTC; null if the last one succeeded."),
    ]
    last_fault: Annotated[str | None, Meta(description="Why the last attempt failed.")]
    pending: Annotated[int, Meta(description="Messages that are not delivered yet.")]
    undelivered: Annotated[int, Meta(description="Messages that were given up; a retry sends them again.")]


class SubscriptionList(Struct, frozen=True):
    """The caller's active subscriptions, oldest first."""

    subscriptions: list[SubscriptionResponse]
    limit: Annotated[int, Meta(description="How many a caller can have.", examples=[MAX_SUBSCRIPTIONS])] = (
        MAX_SUBSCRIPTIONS
    )


class QueuedEvent(Struct, frozen=True):
    """A test event that was queued."""

    delivery_id: UUID


class RetriedMessages(Struct, frozen=True):
    """Undelivered messages that were queued again."""

    retried: Annotated[int, Meta(description="Their number.")]


class UndeliveredMessage(Struct, frozen=True):
    """A message for a subscription that was given up."""

    delivery_id: UUID
    event: str
    subject: Annotated[UUID, Meta(description="The decision, notice or application that the message is about.")]
    occurred_at: Timestamp
    attempts: Annotated[int, Meta(description="Attempts made.")]
    last_fault: Annotated[str | None, Meta(description="Why the last attempt failed.")]


class UndeliveredList(Struct, frozen=True):
    """A page of messages that were given up, newest first."""

    undelivered: list[UndeliveredMessage]
    next_cursor: Annotated[UUID | None, Meta(description="The cursor of the next page; null on the last.")]
