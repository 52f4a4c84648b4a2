"""What reads files of outcomes, in the worker and in `scoring outcomes import`."""

from application.ports.outcomes.outcome_files import OutcomeFiles
from entrypoints.configuration.settings import Settings

OUTCOME_ROWS = 5_000
"""Rows recorded in one transaction, and at most judged again when a worker is lost."""


def outcome_files(settings: Settings) -> OutcomeFiles:
    """The reader, imported for the first file, so that an idle worker stays small."""
    from adapters.loan_files.isolated.uploaded_outcomes import UploadedOutcomes  # noqa: PLC0415 - polars
    from adapters.loan_files.limits import ReadingLimits  # noqa: PLC0415 - beside its use

    limits = ReadingLimits(rows=settings.batch_max_rows)
    return UploadedOutcomes(chunk_rows=OUTCOME_ROWS, memory_mb=settings.batch_memory_mb, limits=limits)
