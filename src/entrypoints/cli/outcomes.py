"""`scoring outcomes`: import what became of loans, and export loans with known outcomes for training.

Exit codes of `import`: 0 where every row was read (refused rows included, which are in the errors file), 1 where
the database or the disk failed, 2 where the file cannot be used, 3 where every row was refused, 130 after Ctrl-C.
"""

import sys
import time
from datetime import date, datetime
from pathlib import Path

import click

from application.ports.batches.batch_content import BatchEmpty, BatchTooLarge
from application.ports.operations.dependencies import DependencyUnavailable
from domain.access.user import PermissionDenied
from domain.batches.quota import BatchQuotaExceeded
from domain.outcomes.loan_outcome import InvalidLoanOutcome
from domain.outcomes.outcome_import import ImportState, OutcomeImport
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.cli.stopping import stop_on_signals
from entrypoints.counting import counted

_EVERY_ROW_REFUSED = 3
_INTERRUPTED = 130
_MOST_SHOWN = 5
_DAY = click.DateTime(["%Y-%m-%d"])


class FileUnusable(click.ClickException):
    """The file given on the command line cannot be read."""

    exit_code = 2


@click.group("outcomes")
def command() -> None:
    """Import what became of loans, and export loans with known outcomes for training."""


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as-of", type=_DAY, help="The day of rows that state none, such as 2026-10-31.")
@click.option("--errors", type=click.Path(path_type=Path), help="Refused rows, CSV. Default: <FILE>.errors.csv")
def import_(file: Path, *, as_of: datetime | None, errors: Path | None) -> None:
    """Import the outcomes of loans in FILE (CSV, CSV.gz or Parquet), a row for each.

    A row names the application (application_reference and source, or application_id or decision_id), the status
    of its loan, the day as_of, the day booked_on, and amounts. The names and statuses of LendingClub and the
    account status codes of Metro 2 are understood. A row that cannot be recorded is listed in the errors file with
    the reason; a row that states what is recorded already changes nothing. After Ctrl-C or a failure, the same
    command continues where it was.
    """
    from entrypoints.composition.processes.outcomes import FileToImport, import_file  # noqa: PLC0415 - slow to import

    settings = settings_or_exit()
    wanted = FileToImport(file, errors or file.with_name(f"{file.name}.errors.csv"), _date(as_of))
    started = time.monotonic()
    try:
        with stop_on_signals() as stopping, ProgressBar(f"Importing {file.name}") as bar:
            done = import_file(
                settings,
                wanted,
                stopping=lambda: stopping.requested,
                on_progress=lambda progress: bar.show(progress.share_done, f"{progress.rows_read:,} rows"),
            )
    except (BatchEmpty, BatchTooLarge) as fault:
        raise FileUnusable(f"{file}: {fault}") from fault
    except (PermissionDenied, InvalidLoanOutcome, BatchQuotaExceeded) as fault:
        raise click.ClickException(f"{fault}. Nothing was recorded") from fault
    except (DependencyUnavailable, OSError) as fault:
        raise click.ClickException(f"{fault}. Run the same command again to continue") from fault
    progress = done.progress
    if done.state is ImportState.FAILED:
        raise FileUnusable(f"{file}: {done.fault}{_recorded(done)}")
    if not done.state.ended:
        click.echo(f"Stopped{_recorded(done)}. A worker continues, or the same command does.", err=True)
        sys.exit(_INTERRUPTED)
    click.echo(_summary(done, wanted.errors, time.monotonic() - started))
    if progress.rows_read == progress.refused:
        click.echo(f"Error: every row was refused; see {wanted.errors}", err=True)
        sys.exit(_EVERY_ROW_REFUSED)
    if progress.refused:
        refused = counted(progress.refused, "row was", "rows were")
        click.echo(f"Warning: {refused} refused and not recorded; see {wanted.errors}", err=True)


@command.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--as-of", type=_DAY, help="Use what was known on this day. Default: today.")
@click.option(
    "--include-recent",
    is_flag=True,
    help="Include loans booked less than 12 months before, of which only early endings are known.",
)
@click.option(
    "--include-synthetic",
    is_flag=True,
    help="Include loans that `scoring demo` made up; a column synthetic marks the file.",
)
def export(file: Path, *, as_of: datetime | None, include_recent: bool, include_synthetic: bool) -> None:
    """Write the loans with known outcomes to FILE (.csv or .csv.gz), from which `scoring train` trains.

    Each loan has the fields of its application, issue_d, loan_status and what else training reads. It is known
    whether a loan defaulted when it was closed, in default, or 12 months on book. Only its owner can read the file
    (mode 0600), since it contains applicants' data; the export is recorded on the audit trail.
    """
    from application.ports.outcomes.outcome_records import TrainingFileNotWritable  # noqa: PLC0415 - as above
    from entrypoints.composition.processes.outcomes import export_file  # noqa: PLC0415 - slow to import

    settings = settings_or_exit()
    try:
        with ProgressBar(f"Exporting to {file.name}") as bar:
            counts, wanted = export_file(
                settings,
                file,
                as_of=_date(as_of),
                recent=include_recent,
                synthetic=include_synthetic,
                on_progress=lambda counts: bar.show(0.0, f"{counts.read:,} loans"),
            )
    except TrainingFileNotWritable as fault:
        raise FileUnusable(str(fault)) from fault
    except OSError as fault:
        raise click.ClickException(f"{file} was not written: {fault}") from fault
    except (PermissionDenied, DependencyUnavailable) as fault:
        raise click.ClickException(f"{fault}. Nothing was written") from fault
    exported, defaults = counted(counts.exported, "loan", "loans"), counted(counts.defaults, "default", "defaults")
    click.echo(f"{exported} as known on {wanted.as_of}, {defaults}")
    left_out = {
        "immature: neither closed, nor in default, nor reported 12 months after booking": counts.immature,
        "booked less than 12 months before, of which only early endings are known": counts.recent,
        "synthetic": counts.synthetic,
        "of another product": counts.other_product,
        "decided in an archived month": counts.archived,
        "not readable": len(counts.unreadable),
    }
    for why, number in left_out.items():
        if number:
            click.echo(f"  left out {number:>12,}  {why}")
    for problem in counts.unreadable[:_MOST_SHOWN]:
        click.echo(f"Warning: {problem}", err=True)
    if not counts.exported:
        click.echo("Warning: no loan has a known outcome yet; the file has a header only", err=True)


def _date(given: datetime | None) -> date | None:
    return None if given is None else given.date()


def _recorded(done: OutcomeImport) -> str:
    return f"; {counted(done.progress.recorded, 'outcome is recorded', 'outcomes are recorded')}"


def _summary(done: OutcomeImport, errors: Path, seconds: float) -> str:
    progress = done.progress
    refused = f"  {'refused':<18}{progress.refused:>12,}" + (f"  see {errors}" if progress.refused else "")
    return "\n".join(
        [
            f"{counted(progress.rows_read, 'row', 'rows')} read",
            f"  {'recorded':<18}{progress.recorded:>12,}",
            f"  {'recorded before':<18}{progress.repeated:>12,}",
            refused,
            f"{seconds:.1f} s, {progress.rows_read / max(seconds, 1e-9):,.0f} rows a second",
        ]
    )
