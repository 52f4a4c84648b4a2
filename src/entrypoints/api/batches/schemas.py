"""Responses on batches."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from entrypoints.api.http.responses import Timestamp


class Progress(Struct, frozen=True):
    """The progress of a batch; `rows_read` is the sum of `rows_refused` and the three outcomes."""

    share_done: Annotated[float, Meta(description="Share of the file processed, 0 to 1.")]
    rows_read: int
    rows_refused: Annotated[int, Meta(description="Rows that were rejected as invalid; see the batch's errors.")]
    approved: int
    referred: int
    declined: int


class BatchResponse(Struct, frozen=True):
    """A batch and its progress."""

    batch_id: UUID
    name: str
    state: Annotated[
        Literal["queued", "running", "done", "failed", "cancelled"],
        Meta(description="The last three are final. Recorded decisions stay in each of them."),
    ]
    progress: Progress
    submitted_at: Annotated[Timestamp, Meta(description="When the upload finished, UTC.")]
    started_at: Annotated[Timestamp | None, Meta(description="When a worker first started it, UTC.")]
    finished_at: Annotated[Timestamp | None, Meta(description="When it reached a final state, UTC.")]
    requested_by: Annotated[str, Meta(description="The user who submitted it.")]
    size: Annotated[int, Meta(description="Size of the uploaded file in bytes.")]
    sha256: Annotated[str, Meta(description="SHA-256 of the uploaded file, hexadecimal.")]
    fault: Annotated[str | None, Meta(description="Why the batch failed, and what to do.")]
    webhook_url: Annotated[str | None, Meta(description="Where a webhook reports the end of the batch.")]
    percent_as: Annotated[str | None, Meta(description="How the file writes percentages, as stated.")]
    income_as: Annotated[str | None, Meta(description="How the file writes incomes, as stated.")]
    decimal: Annotated[str | None, Meta(description="The character before decimals in the file, as stated.")]
    trial: Annotated[bool, Meta(description="Whether its decisions are recorded as trial runs.")]
    keep: Annotated[list[str], Meta(description="Columns of the file that the results repeat.")]
    notices: Annotated[list[str], Meta(description="Remarks on the file, once the batch has ended.")]


class BatchList(Struct, frozen=True):
    """A page of batches, newest first."""

    batches: list[BatchResponse]
    next_cursor: Annotated[UUID | None, Meta(description="The cursor of the next page; null on the last.")]
    next_before: Annotated[
        UUID | None,
        Meta(description="Deprecated, the same as next_cursor.", extra_json_schema={"deprecated": True}),
    ]
