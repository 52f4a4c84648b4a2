"""Conversion between imports and rows."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any

from adapters.persistence.outcomes.outcome_tables import outcome_imports
from domain.access.user import Actor, Role
from domain.outcomes.outcome_import import ImportProgress, ImportState, OutcomeImport

IMPORT_COLUMNS = tuple(
    column for column in outcome_imports.columns if column.name not in {"lease", "lease_until", "attempts"}
)
"""The columns of an import, without those of its lease."""
_PROGRESS = ("rows_read", "recorded", "repeated", "refused", "share_done", "chunks")
"""In the order of the fields of ImportProgress."""


def to_row(wanted: OutcomeImport) -> dict[str, Any]:
    return {
        "import_id": wanted.import_id,
        "name": wanted.name,
        "submitted_at": wanted.submitted_at,
        "requested_by": wanted.requested_by.name,
        "role": wanted.requested_by.role.value,
        "as_of": wanted.as_of,
        "size": wanted.size,
        "digest": wanted.digest,
        "state": wanted.state.value,
        **progress_row(wanted.progress),
        "started_at": wanted.started_at,
        "finished_at": wanted.finished_at,
        "fault": wanted.fault,
    }


def progress_row(progress: ImportProgress) -> dict[str, Any]:
    """The columns of an import's progress."""
    return dict(zip(_PROGRESS, astuple(progress), strict=True))


def from_row(row: Mapping[Any, Any]) -> OutcomeImport:
    return OutcomeImport(
        import_id=row["import_id"],
        name=row["name"],
        submitted_at=row["submitted_at"],
        requested_by=Actor(row["requested_by"], Role(row["role"])),
        as_of=row["as_of"],
        size=row["size"],
        digest=row["digest"],
        state=ImportState(row["state"]),
        progress=ImportProgress(*(row[name] for name in _PROGRESS)),
        started_at=row["started_at"],
        finished_at=row["finished_at"],
        fault=row["fault"],
    )
