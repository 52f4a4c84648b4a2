"""Conversion between batches and rows."""

import json
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from adapters.persistence.batches.batch_tables import batches
from domain.access.user import Actor, Role
from domain.batches.batch import Batch, BatchProgress, BatchState
from domain.batches.file_conventions import conventions_from

BATCH_COLUMNS = tuple(
    column for column in batches.columns if column.name not in {"lease", "lease_until", "attempts", "traceparent"}
)
"""The columns of a batch, without those of its lease and its trace."""


_PROGRESS_COLUMNS = ("rows_read", "rows_refused", "approved", "referred", "declined", "share_done", "stretches")
"""In the order of the fields of BatchProgress."""


def to_row(batch: Batch) -> dict[str, Any]:
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
        **progress_row(batch.progress),
        "started_at": batch.started_at,
        "finished_at": batch.finished_at,
        "fault": batch.fault,
        "conventions": json.dumps(batch.conventions.texts) if batch.conventions.texts else None,
        "notices": json.dumps(batch.notices) if batch.notices else None,
        "trial": batch.trial or None,
        "keep": json.dumps(batch.keep) if batch.keep else None,
    }


def progress_row(progress: BatchProgress) -> dict[str, Any]:
    """The columns of a batch's progress."""
    return dict(zip(_PROGRESS_COLUMNS, astuple(progress), strict=True))


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
        progress=BatchProgress(*(row[name] for name in _PROGRESS_COLUMNS)),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        fault=row["fault"],
        conventions=conventions_from(json.loads(row["conventions"] or "{}")),
        notices=tuple(json.loads(row["notices"] or "[]")),
        trial=bool(row["trial"]),
        keep=tuple(json.loads(row["keep"] or "[]")),
    )
