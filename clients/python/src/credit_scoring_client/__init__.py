"""A client of the credit-decision service: typed, synchronous and asynchronous, with safe retries.

>>> from credit_scoring_client import Client
>>> with Client("https://scoring.example", username="broker-portal", password="...") as scoring:
...     decision = scoring.predict(application)
"""

from credit_scoring_client.async_client import AsyncClient
from credit_scoring_client.calls import RetryPolicy
from credit_scoring_client.client import Client
from credit_scoring_client.errors import (
    BatchTimeout,
    Conflict,
    InvalidRequest,
    InvalidSignature,
    NotAuthenticated,
    NotFound,
    NotPermitted,
    RequestFailed,
    ScoringError,
    ServiceUnavailable,
    ServiceUnreachable,
    TooManyRequests,
    UnexpectedContent,
)
from credit_scoring_client.models import DecisionResponse, LoanApplicationBody, LoanOutcomeBody
from credit_scoring_client.webhooks import Event, WebhookEvent, verify_event, verify_webhook

LoanApplication = LoanApplicationBody
LoanOutcome = LoanOutcomeBody

__all__ = [
    "AsyncClient",
    "BatchTimeout",
    "Client",
    "Conflict",
    "DecisionResponse",
    "Event",
    "InvalidRequest",
    "InvalidSignature",
    "LoanApplication",
    "LoanOutcome",
    "NotAuthenticated",
    "NotFound",
    "NotPermitted",
    "RequestFailed",
    "RetryPolicy",
    "ScoringError",
    "ServiceUnavailable",
    "ServiceUnreachable",
    "TooManyRequests",
    "UnexpectedContent",
    "WebhookEvent",
    "verify_event",
    "verify_webhook",
]
