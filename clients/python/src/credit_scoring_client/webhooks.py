"""Verification of the webhooks that the service sends."""

import hashlib
import hmac
import time
from datetime import datetime
from typing import Literal, TypeVar

import msgspec

from credit_scoring_client.errors import InvalidSignature, UnexpectedContent
from credit_scoring_client.models import (
    ApplicationSummary,
    LoanResponse,
    NoticeDetail,
    RecordedDecision,
    SubscriptionResponse,
)

_Kind = TypeVar("_Kind")
SIGNATURE_HEADER = "Scoring-Signature"
DEFAULT_TOLERANCE = 300.0
"""Seconds for which a webhook is accepted after it was signed."""


class FinishedBatch(msgspec.Struct, kw_only=True):
    """The counts of a batch that is done, failed or cancelled."""

    batch_id: str
    name: str
    state: Literal["done", "failed", "cancelled"]
    submitted_at: datetime
    finished_at: datetime
    fault: str | None
    rows_read: int
    rows_refused: int
    approved: int
    referred: int
    declined: int


class WebhookEvent(msgspec.Struct, kw_only=True):
    """The end of a batch. Deliveries may repeat: ignore a `delivery_id` that was seen before."""

    delivery_id: str
    event: Literal["batch.done", "batch.failed", "batch.cancelled"]
    batch: FinishedBatch


class DecisionRecorded(msgspec.Struct, kw_only=True):
    """A decision on a single application of yours."""

    delivery_id: str
    event: Literal["decision.recorded"]
    occurred_at: datetime
    data: RecordedDecision


class DecisionSuperseded(msgspec.Struct, kw_only=True):
    """A later decision took the place of one on your application; `data.decision_id` is the newest."""

    delivery_id: str
    event: Literal["decision.superseded"]
    occurred_at: datetime
    data: ApplicationSummary


class CaseResolved(msgspec.Struct, kw_only=True):
    """A person decided on an application of yours; `data.final_decision` says what."""

    delivery_id: str
    event: Literal["case.resolved"]
    occurred_at: datetime
    data: RecordedDecision


class NoticeDue(msgspec.Struct, kw_only=True):
    """A notice to the applicant is due; `data.notice.due_at` says by when."""

    delivery_id: str
    event: Literal["notice.due"]
    occurred_at: datetime
    data: NoticeDetail


class NoticeIssued(msgspec.Struct, kw_only=True):
    """The letter of a notice was issued."""

    delivery_id: str
    event: Literal["notice.issued"]
    occurred_at: datetime
    data: NoticeDetail


class LoanOutcomeRecorded(msgspec.Struct, kw_only=True):
    """An outcome of a loan was recorded or corrected, other than from a file."""

    delivery_id: str
    event: Literal["loan_outcome.recorded"]
    occurred_at: datetime
    data: LoanResponse


class SubscriptionTested(msgspec.Struct, kw_only=True):
    """What `send_test_event` sends."""

    delivery_id: str
    event: Literal["webhook.test"]
    occurred_at: datetime
    data: SubscriptionResponse


Event = (
    DecisionRecorded
    | DecisionSuperseded
    | CaseResolved
    | NoticeDue
    | NoticeIssued
    | LoanOutcomeRecorded
    | SubscriptionTested
)
"""What a subscription receives. Deliveries may repeat: ignore a `delivery_id` that was seen before."""
_EVENTS: dict[str, type[Event]] = {
    "decision.recorded": DecisionRecorded,
    "decision.superseded": DecisionSuperseded,
    "case.resolved": CaseResolved,
    "notice.due": NoticeDue,
    "notice.issued": NoticeIssued,
    "loan_outcome.recorded": LoanOutcomeRecorded,
    "webhook.test": SubscriptionTested,
}


class _Named(msgspec.Struct):
    event: str


def verify_webhook(
    body: bytes,
    signature: str,
    secret: str,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    now: float | None = None,
) -> WebhookEvent:
    """Return the event of an authentic webhook about a batch.

    `body` is the request's body as received, `signature` its header Scoring-Signature, `secret` the result of
    `read_webhook_secret`. Raises InvalidSignature if the signature is wrong, malformed, or differs from the clock
    by more than `tolerance` seconds, and UnexpectedContent for an authentic event that this version does not know.
    """
    _verify(body, signature, secret, tolerance, now)
    return _decode(body, WebhookEvent)


def verify_event(
    body: bytes,
    signature: str,
    secret: str,
    *,
    tolerance: float = DEFAULT_TOLERANCE,
    now: float | None = None,
) -> Event:
    """Return the event of an authentic webhook for a subscription; parameters and errors are as above."""
    _verify(body, signature, secret, tolerance, now)
    name = _decode(body, _Named).event
    if name not in _EVENTS:
        raise UnexpectedContent(f"webhook: this version does not know the event {name}")
    return _decode(body, _EVENTS[name])


def _verify(body: bytes, signature: str, secret: str, tolerance: float, now: float | None) -> None:
    parts = [part.strip().partition("=")[::2] for part in signature.split(",")]
    seconds = dict(parts).get("t", "")
    given = [value for name, value in parts if name == "v1"]  # several while a secret is being replaced
    if not (given and seconds.isascii() and seconds.isdecimal() and all(each.isascii() for each in given)):
        raise InvalidSignature(f"the header {SIGNATURE_HEADER} is malformed: expected t=seconds,v1=hexadecimal")
    expected = hmac.new(secret.encode(), f"{seconds}.".encode() + body, hashlib.sha256).hexdigest()
    if not any(hmac.compare_digest(expected, each) for each in given):
        raise InvalidSignature("the signature does not belong to this body and secret")
    if abs((time.time() if now is None else now) - int(seconds)) > tolerance:
        raise InvalidSignature(f"the webhook was signed more than {tolerance:g} seconds ago, or the clocks differ")


def _decode(body: bytes, kind: type[_Kind]) -> _Kind:
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UnexpectedContent(f"webhook: {error}") from error
