"""The problems of exceptions about batches."""

from application.ports.batches.batch_content import MAX_BATCH_BYTES, BatchEmpty, BatchTooLarge
from application.ports.batches.batches import BatchNotFound, TooManyUploads, UploadUnconfirmed
from application.use_cases.batches.read_batches import BatchNotFinished
from domain.batches.batch import AlreadyEnded
from domain.batches.kept_columns import InvalidKeptColumns
from domain.batches.quota import BatchQuotaExceeded
from entrypoints.api.http.problem_makers import RETRY, Problems, Resources, invalid_parameter, problem
from entrypoints.api.http.problems import RequestRejected, too_large


def _batch_quota_exceeded(error: BatchQuotaExceeded) -> RequestRejected:
    return RequestRejected(
        429,
        "batch-quota-exceeded",
        "Batch quota exceeded",
        f"Nothing was queued: {error}.",
        headers=(("Retry-After", str(error.retry_after)),),
    )


_batch_not_found = problem(404, "no-such-batch", "Batch not found")
RESOURCES: Resources = (("/api/v1/batches/", "batch", _batch_not_found),)

PROBLEMS: Problems = {
    InvalidKeptColumns: invalid_parameter("keep"),
    UploadUnconfirmed: problem(
        503,
        "outcome-unknown",
        "Batch not confirmed",
        "The database did not confirm in time that the batch is queued. Resubmitting with the same "
        "Idempotency-Key is safe. Without a key, check /api/v1/batches first.",
        headers=RETRY,
    ),
    BatchNotFound: _batch_not_found,
    BatchNotFinished: problem(409, "batch-not-ended", "Batch not finished", headers=RETRY),
    AlreadyEnded: problem(409, "batch-ended", "Batch already finished"),
    BatchEmpty: problem(422, "empty-batch", "Empty file"),
    BatchTooLarge: lambda _: too_large(MAX_BATCH_BYTES),
    TooManyUploads: problem(503, "too-many-uploads", "Too many uploads", headers=RETRY),
    BatchQuotaExceeded: _batch_quota_exceeded,
}
