"""From batches to responses."""

from application.ports.batches.batches import BatchPage
from domain.batches.batch import Batch
from entrypoints.api.batches.schemas import BatchList, BatchResponse, Progress


def batch_response(batch: Batch) -> BatchResponse:
    """A batch and its progress."""
    progress, stated = batch.progress, batch.conventions.texts
    return BatchResponse(
        batch_id=batch.batch_id,
        name=batch.name,
        state=batch.state.value,
        progress=Progress(
            share_done=progress.share_done,
            rows_read=progress.rows_read,
            rows_refused=progress.rows_refused,
            approved=progress.approved,
            referred=progress.referred,
            declined=progress.declined,
        ),
        submitted_at=batch.submitted_at,
        started_at=batch.started_at,
        finished_at=batch.finished_at,
        requested_by=batch.requested_by.name,
        size=batch.size,
        sha256=batch.digest.hex(),
        fault=batch.fault,
        webhook_url=batch.webhook_url,
        percent_as=stated.get("percent_as"),
        income_as=stated.get("income_as"),
        decimal=stated.get("decimal"),
        trial=batch.trial,
        keep=list(batch.keep),
        notices=list(batch.notices),
    )


def batch_list(page: BatchPage) -> BatchList:
    """A page of batches."""
    return BatchList([batch_response(batch) for batch in page.batches], page.next_before, page.next_before)
