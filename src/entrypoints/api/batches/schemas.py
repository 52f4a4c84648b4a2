"""What the API answers of batches."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from application.ports.batches.batches import BatchPage
from domain.batches.batch import Batch, BatchProgress


class Progress(Struct, frozen=True):
    """How far a batch has got; rows_read is rows_refused and the three outcomes together."""

    share_done: Annotated[float, Meta(description="Of the file, 0 to 1.")]
    rows_read: int
    rows_refused: Annotated[int, Meta(description="Rows that could not be read; the errors say why.")]
    approved: int
    referred: int
    declined: int


class BatchResponse(Struct, frozen=True):
    """A batch, as it stands."""

    batch_id: UUID
    name: str
    state: Annotated[
        Literal["queued", "running", "done", "failed", "cancelled"],
        Meta(description="The last three are ends. What is decided stays on record whatever the end."),
    ]
    progress: Progress
    submitted_at: Annotated[datetime, Meta(description="UTC, like all times here.")]
    started_at: Annotated[datetime | None, Meta(description="When a worker took it up first.")]
    finished_at: datetime | None
    requested_by: str
    size: Annotated[int, Meta(description="Bytes of the file as it came.")]
    sha256: Annotated[str, Meta(description="Of the file as it came, hexadecimal.")]
    fault: Annotated[str | None, Meta(description="Why a failed batch failed, and what to do.")]
    webhook_url: Annotated[str | None, Meta(description="Where the end is told.")]


class BatchList(Struct, frozen=True):
    """One page of batches, newest first."""

    batches: list[BatchResponse]
    next_before: Annotated[UUID | None, Meta(description="Leads to the next page, as before=; null on the last.")]


def batch_response(batch: Batch) -> BatchResponse:
    """A batch as its caller sees it."""
    return BatchResponse(
        batch_id=batch.batch_id,
        name=batch.name,
        state=batch.state.value,
        progress=_progress(batch.progress),
        submitted_at=batch.submitted_at,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
        requested_by=batch.requested_by.name,
        size=batch.size,
        sha256=batch.digest.hex(),
        fault=batch.fault,
        webhook_url=batch.webhook_url,
    )


def batch_list(page: BatchPage) -> BatchList:
    """A page of batches."""
    return BatchList([batch_response(batch) for batch in page.batches], page.next_before)


def _progress(progress: BatchProgress) -> Progress:
    return Progress(
        share_done=progress.share_done,
        rows_read=progress.rows_read,
        rows_refused=progress.rows_refused,
        approved=progress.approved,
        referred=progress.referred,
        declined=progress.declined,
    )
