"""What callers are told of each thing that can be expected to go wrong: an exception's name, and its problem."""

import math
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from application.ports.access.login_attempts import TooManyAttempts
from application.ports.access.request_rates import TooManyRequests
from application.ports.batches.batch_content import MAX_BATCH_BYTES, BatchEmpty, BatchTooLarge
from application.ports.batches.batches import BatchNotFound, TooManyUploads, UploadUnconfirmed
from application.ports.decisions.decision_archive import InvalidCursor
from application.ports.decisions.decision_ledger import CommitUnconfirmed, LedgerUnavailable
from application.ports.decisions.idempotency import KeyReused, OriginalResponseUnavailable
from application.ports.models.version_not_archived import VersionNotArchived
from application.ports.operations.dependencies import DependencyUnavailable
from application.use_cases.access.log_in import InvalidCredentials
from application.use_cases.batches.read_batches import BatchNotFinished
from application.use_cases.decisions.read_decisions import DecisionNotFound, PageTooLarge
from domain.access.account import PasswordChangeRequired
from domain.access.password_policy import PasswordNotAllowed
from domain.access.user import PermissionDenied
from domain.batches.batch import AlreadyEnded
from domain.batches.quota import BatchQuotaExceeded
from domain.batches.webhook_url import InvalidWebhookUrl
from domain.monitoring.period import InvalidPeriod, PeriodNotStarted
from entrypoints.api.http.problems import FieldError, RequestRejected, too_large

SECONDS_UNTIL_RETRY = 2


def _not_permitted(fault: Exception) -> RequestRejected:
    return RequestRejected(
        403, "not-permitted", "The caller may not do this", str(fault), error="insufficient_scope"
    )


def _password_change_required(_: Exception) -> RequestRejected:
    return RequestRejected(
        403,
        "password-change-required",
        "Password change required",
        "The password must be changed before anything else can be done: send username, current_password and "
        "new_password to /api/v1/auth/password, then log in again.",
    )


def _password_not_allowed(fault: Exception) -> RequestRejected:
    faults = (FieldError("new_password", str(fault)),)
    return RequestRejected(
        422, "password-not-allowed", "Password not allowed", "The password was not changed.", errors=faults
    )


def no_such_decision(fault: Exception) -> RequestRejected:
    """There is none of this identifier."""
    return RequestRejected(404, "no-such-decision", "There is no such decision", str(fault))


def _not_reproducible(fault: Exception) -> RequestRejected:
    return RequestRejected(
        409,
        "not-reproducible",
        "The decision cannot be made again here",
        f"{fault}. The decision stands on record as it was; what made it is missing.",
    )


def _wrong_query(field: str) -> Callable[[Exception], RequestRejected]:
    def told(fault: Exception) -> RequestRejected:
        faults = (FieldError(field, str(fault)),)
        return RequestRejected(400, "invalid-query", "The query is not valid", "1 fault was found", errors=faults)

    return told


def _try_again(name: str, title: str, detail: str) -> RequestRejected:
    return RequestRejected(503, name, title, detail, headers=(("Retry-After", str(SECONDS_UNTIL_RETRY)),))


def _ledger_unavailable(_: Exception) -> RequestRejected:
    return _try_again(
        "ledger-unavailable",
        "The decision could not be put on record",
        "Nothing was decided: no decision is given that is not on record. Try again shortly.",
    )


def _upload_unconfirmed(_: Exception) -> RequestRejected:
    return _try_again(
        "outcome-unknown",
        "The batch may or may not be queued",
        "The database did not confirm it in time. Hand it in again under the same Idempotency-Key: it stands for "
        "one batch. Without a key, look whether it is among /api/v1/batches first.",
    )


def _outcome_unknown(_: Exception) -> RequestRejected:
    return _try_again(
        "outcome-unknown",
        "The decision may or may not be on record",
        "The database did not confirm it in time. Ask again under the same Idempotency-Key: it stands for one "
        "decision, made then or now. Without a key, asking again may make a second one.",
    )


def _dependency_unavailable(_: Exception) -> RequestRejected:
    return _try_again(
        "temporarily-unavailable",
        "The service cannot answer at the moment",
        "Something it stands on does not answer; /health/ready says what. Try again shortly.",
    )


def _key_reused(_: Exception) -> RequestRejected:
    return RequestRejected(
        422,
        "idempotency-key-reused",
        "The idempotency key stands for another request",
        "This key came before with another request, and stands for its answer. Nothing was done; use a new key.",
    )


def _first_not_kept(fault: Exception) -> RequestRejected:
    return RequestRejected(
        409,
        "first-answer-not-kept",
        "The first answer under this key cannot be given again",
        f"{str(fault).capitalize()}. Nothing was done; use a new key.",
    )


def _wrong_credentials(fault: Exception) -> RequestRejected:
    return RequestRejected(400, "wrong-credentials", "Nobody was logged in", str(fault), error="invalid_grant")


def _too_many_attempts(fault: TooManyAttempts) -> RequestRejected:
    seconds = _whole_seconds(fault.wait)
    return RequestRejected(
        429,
        "too-many-attempts",
        "Logging in failed too often",
        f"{fault}; the password was not looked at. Try again in {seconds} s.",
        headers=(("Retry-After", str(seconds)),),
    )


def _too_many_requests(fault: TooManyRequests) -> RequestRejected:
    seconds = _whole_seconds(fault.wait)
    return RequestRejected(
        429,
        "too-many-requests",
        "The caller sends too many requests",
        f"{fault}. Nothing was done; try again in {seconds} s.",
        headers=(
            ("Retry-After", str(seconds)),
            ("RateLimit-Policy", f'"caller";q={fault.burst}'),
            ("RateLimit", f'"caller";r=0;t={seconds}'),
        ),
    )


def _whole_seconds(wait: timedelta) -> int:
    return max(1, math.ceil(wait.total_seconds()))


def no_such_batch(fault: Exception) -> RequestRejected:
    """There is none of this identifier."""
    return RequestRejected(404, "no-such-batch", "There is no such batch", str(fault))


def _batch_not_ended(fault: Exception) -> RequestRejected:
    retry = (("Retry-After", str(SECONDS_UNTIL_RETRY)),)
    return RequestRejected(409, "batch-not-ended", "The batch is still being decided", str(fault), headers=retry)


def _batch_ended(fault: Exception) -> RequestRejected:
    return RequestRejected(409, "batch-ended", "The batch has ended already", str(fault))


def _batch_empty(fault: Exception) -> RequestRejected:
    return RequestRejected(422, "empty-batch", "There is nothing in the file", str(fault))


def _batch_too_large(_: Exception) -> RequestRejected:
    return too_large(MAX_BATCH_BYTES)


def _too_many_uploads(fault: Exception) -> RequestRejected:
    return _try_again("too-many-uploads", "Too many files are on their way in", str(fault))


def _batch_quota_exceeded(fault: BatchQuotaExceeded) -> RequestRejected:
    return RequestRejected(
        429,
        "batch-quota-exceeded",
        "Too many batches of this caller are waiting",
        f"Nothing was queued: {fault}.",
        headers=(("Retry-After", str(fault.retry_after)),),
    )


EXPECTED: dict[type, Callable[[Any], RequestRejected]] = {
    PermissionDenied: _not_permitted,
    PasswordChangeRequired: _password_change_required,
    PasswordNotAllowed: _password_not_allowed,
    DecisionNotFound: no_such_decision,
    VersionNotArchived: _not_reproducible,
    InvalidCursor: _wrong_query("cursor"),
    PageTooLarge: _wrong_query("limit"),
    InvalidPeriod: _wrong_query("to"),
    PeriodNotStarted: _wrong_query("from"),
    InvalidWebhookUrl: _wrong_query("webhook_url"),
    LedgerUnavailable: _ledger_unavailable,
    CommitUnconfirmed: _outcome_unknown,
    UploadUnconfirmed: _upload_unconfirmed,
    KeyReused: _key_reused,
    OriginalResponseUnavailable: _first_not_kept,
    DependencyUnavailable: _dependency_unavailable,
    InvalidCredentials: _wrong_credentials,
    TooManyAttempts: _too_many_attempts,
    TooManyRequests: _too_many_requests,
    BatchNotFound: no_such_batch,
    BatchNotFinished: _batch_not_ended,
    AlreadyEnded: _batch_ended,
    BatchEmpty: _batch_empty,
    BatchTooLarge: _batch_too_large,
    TooManyUploads: _too_many_uploads,
    BatchQuotaExceeded: _batch_quota_exceeded,
}
"""By the exception's own class, or the nearest one that it derives from."""
