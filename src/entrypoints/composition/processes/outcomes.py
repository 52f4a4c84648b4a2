"""Importing and exporting outcomes of loans from the command line."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from adapters.loan_files.outcomes.training_files import CsvTrainingFiles
from adapters.persistence.outcomes.import_work import PostgresImportWork
from adapters.persistence.outcomes.outcome_records import PostgresOutcomeRecords
from application.use_cases.outcomes.export_outcomes import ExportedOutcomes, ExportOutcomes, ExportWanted
from application.use_cases.outcomes.import_next_outcomes import ImportNextOutcomes
from application.use_cases.outcomes.outcome_use_cases import OutcomeUseCases
from domain.access.user import Actor, Role
from domain.outcomes.outcome_import import ImportProgress, OutcomeImport
from entrypoints.composition.configured_product import configured_product
from entrypoints.composition.processes.commands import CommandContainer, command_container, identify_person
from entrypoints.composition.processes.engines import engines_in_use_or_own
from entrypoints.composition.processes.outcome_files import outcome_files
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.configuration.settings import Settings

_CHUNK_BYTES = 1 << 20
_POLL_SECONDS = 0.5
_LEASE_SECONDS = 15.0
OnProgress = Callable[[ImportProgress], None]


@dataclass(frozen=True, slots=True)
class FileToImport:
    """A file of outcomes, the day of rows that state none, and where refused rows are written."""

    file: Path
    errors: Path
    as_of: date | None = None


def import_file(
    settings: Settings, wanted: FileToImport, *, stopping: Callable[[], bool], on_progress: OnProgress
) -> OutcomeImport:
    """Import a file, or continue the unfinished import of the same one; returns it as it was left.

    Refused rows are in the errors file, which is written where there are any. Raises PermissionDenied,
    DependencyUnavailable, InvalidLoanOutcome, BatchQuotaExceeded and OSError.
    """

    async def run(addressed: Settings) -> OutcomeImport:
        async with command_container(addressed, connections=3) as container:
            await container.database().check()
            await identify_person(container)
            by = container.person() or Actor(operating_system_user(), Role.RISK_MANAGER)
            use_cases = container.outcome_use_cases()
            queued = await _unfinished(use_cases, wanted, by) or await _submit(use_cases, wanted, by)
            imported = await _follow(container, queued, by, stopping, on_progress)
            if imported.progress.refused:
                lines = b"".join([each async for each in await use_cases.import_errors(imported.import_id, by=by)])
                await asyncio.to_thread(wanted.errors.write_bytes, lines)
            return imported

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


async def _unfinished(use_cases: OutcomeUseCases, wanted: FileToImport, by: Actor) -> OutcomeImport | None:
    """The actor's unfinished import of the same content, such as one that was interrupted."""
    digest = await asyncio.to_thread(_digest, wanted.file)
    page = await use_cases.list_imports(by=by)
    for each in page.imports:
        same = (each.digest, each.as_of, each.requested_by.name) == (digest, wanted.as_of, by.name)
        if same and not each.state.ended:
            return each
    return None


async def _submit(use_cases: OutcomeUseCases, wanted: FileToImport, by: Actor) -> OutcomeImport:
    async def pieces() -> AsyncIterator[bytes]:
        with wanted.file.open("rb") as file:
            while piece := await asyncio.to_thread(file.read, _CHUNK_BYTES):
                yield piece

    submitted = await use_cases.submit_import(pieces(), name=wanted.file.name, by=by, as_of=wanted.as_of)
    return submitted.wanted


async def _follow(
    container: CommandContainer,
    queued: OutcomeImport,
    by: Actor,
    stopping: Callable[[], bool],
    on_progress: OnProgress,
) -> OutcomeImport:
    """Import the file here, unless a worker does; then wait for it."""
    settings, engine = container.settings(), container.engine()
    work = PostgresImportWork(settings.database_url or "", engine, lease_seconds=_LEASE_SECONDS)
    import_next = ImportNextOutcomes(
        work,
        partial(outcome_files, settings),
        container.loan_outcomes(),
        container.clock(),
        container.identifiers(),
    )
    try:
        while True:
            done = await import_next(stopping=stopping, import_id=queued.import_id, on_progress=on_progress)
            if done is None:
                done = await container.outcome_use_cases().read_import(queued.import_id, by=by)
            if done.state.ended or stopping():
                return done
            on_progress(done.progress)
            await asyncio.sleep(_POLL_SECONDS)
    finally:
        await work.close()


def export_file(
    settings: Settings,
    path: Path,
    *,
    as_of: date | None,
    recent: bool,
    synthetic: bool,
    on_progress: Callable[[ExportedOutcomes], None],
) -> tuple[ExportedOutcomes, ExportWanted]:
    """Write a training file of the labelled loans of the configured product; returns what was wanted too.

    Raises PermissionDenied, TrainingFileNotWritable and DependencyUnavailable.
    """

    async def run(addressed: Settings) -> tuple[ExportedOutcomes, ExportWanted]:
        async with command_container(addressed, statement_timeout=None) as container:
            await container.database().check()
            await identify_person(container)
            by = container.person() or Actor(operating_system_user(), Role.RISK_MANAGER)
            export = ExportOutcomes(
                PostgresOutcomeRecords(container.engine(), container.unreadable_documents()),
                CsvTrainingFiles(),
                configured_product(settings),
                container.record_event(),
            )
            wanted = ExportWanted(as_of or container.clock().now().date(), recent=recent, synthetic=synthetic)
            return await export(path, wanted, by=by, on_progress=on_progress), wanted

    with engines_in_use_or_own(settings, cache=False) as addressed:
        return asyncio.run(run(addressed))


def _digest(file: Path) -> bytes:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").digest()
