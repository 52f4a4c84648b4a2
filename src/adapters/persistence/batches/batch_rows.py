"""Conversion between batches and rows."""

from collections.abc import Mapping
from typing import Any

from adapters.persistence.batches.batch_tables import batches
from domain.access.user import Actor, Role
from domain.batches.batch import Batch, BatchProgress, BatchState

BATCH_COLUMNS = tuple(
    column for column in batches.columns if column.name not in {"lease", "lease_until", "attempts"}
)
"""The columns of a batch, without those of its lease."""


def to_row(batch: Batch) -> dict[str, Any]:
    progress = batch.progress
    return {
        "batch_id": batch.batch_id,
        "name": batch.name,
        "submitted_at": batch.submitted_at,
        "requested_by": batch.requested_by.name,
        "role": batch.requested_by.role.value,
        "webhook_url": batch.webhook_url,
        "size": batch.size,
        "digest": batch.digest,
        "state": batch.state.value,
        **progress_row(progress),
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
        "fault": batch.fault,
    }


def progress_row(progress: BatchProgress) -> dict[str, Any]:
    """The columns of a batch's progress."""
    return {
        "rows_read": progress.rows_read,
        "rows_refused": progress.rows_refused,
        "approved": progress.approved,
        "referred": progress.referred,
        "declined": progress.declined,
        "share_done": progress.share_done,
        "stretches": progress.chunks,
    }


def from_row(row: Mapping[Any, Any]) -> Batch:
    return Batch(
        batch_id=row["batch_id"],
        name=row["name"],
        submitted_at=row["submitted_at"],
        requested_by=Actor(row["requested_by"], Role(row["role"])),
        webhook_url=row["webhook_url"],
        size=row["size"],
        digest=row["digest"],
        state=BatchState(row["state"]),
        progress=BatchProgress(
            rows_read=row["rows_read"],
            rows_refused=row["rows_refused"],
            approved=row["approved"],
            referred=row["referred"],
            declined=row["declined"],
            share_done=row["share_done"],
            chunks=row["stretches"],
        ),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        fault=row["fault"],
    )
