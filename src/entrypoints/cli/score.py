"""`scoring score`: decide on a whole file, CSV or Parquet.

Exit codes: 0 where every row was read (rejected rows included, which are in the errors file), 1 where the model,
the database, the Dask cluster or the disk failed, 2 where a given file cannot be used, 3 where every row was
rejected, 130 after Ctrl-C.
"""

import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path

import click

from application.use_cases.batches.score_portfolio import PortfolioCounts
from domain.batches.batch import every_row_rejected
from domain.batches.file_conventions import FileConventions
from domain.batches.kept_columns import InvalidKeptColumns, kept_columns
from entrypoints.cli.convention_options import convention_options
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.cli.stopping import stop_on_signals
from entrypoints.composition.processes.portfolio import (
    FILE_ERRORS,
    SERVICE_ERRORS,
    FileScored,
    FileToScore,
    score_file,
)
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_EVERY_ROW_REJECTED = 3
_INTERRUPTED = 130


class FileUnusable(click.ClickException):
    """A file given on the command line cannot be read or written."""

    exit_code = 2


@click.command("score")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Results: .csv, .csv.gz or .parquet.")
@click.option("--errors", type=click.Path(path_type=Path), help="Rejected rows, CSV. Default: <out>.errors.csv")
@click.option("--no-record", is_flag=True, help="Do not record the decisions; needs no database.")
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another model bundle than the champion's.",
)
@click.option(
    "--policy",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="With --no-record: a file with a policy to try, as `scoring policies show` prints it.",
)
@click.option(
    "--dask",
    metavar="ADDRESS",
    help="Decide on the Dask cluster with the scheduler at this address, tcp://HOST:8786.",
)
@convention_options
@click.option("--keep", multiple=True, metavar="COLUMN", help="Repeat this column in the results; repeatable.")
@click.option("--trial", is_flag=True, help="Record the decisions as a trial run, which overviews leave out.")
def command(
    file: Path,
    *,
    out: Path,
    errors: Path | None,
    no_record: bool,
    model: Path | None,
    policy: Path | None,
    dask: str | None,
    conventions: FileConventions,
    keep: tuple[str, ...],
    trial: bool,
) -> None:
    """Decide on every loan application in FILE (CSV, CSV.gz or Parquet) and write the results.

    A row that cannot be read is listed with its line, field and reason in the errors file, which is always
    written; the other rows are decided. Results and errors appear complete or not at all, and replace existing
    files. Ctrl-C stops after the rows in progress.

    Columns with references and origin (application_reference, applicant_reference, source, channel) are recorded
    with the decisions and repeated in the results. Rows with supersedes and supersedes_reason decide
    an application again.

    A file whose percentages look like fractions, or whose incomes look like thousands or months, is refused until
    --percent-as or --income-as states how to read it.
    """
    if policy is not None and not no_record:
        raise click.UsageError("--policy needs --no-record: decisions are recorded under the policy in force only")
    if trial and no_record:
        raise click.UsageError("--trial records the decisions, and --no-record does not; choose one of them")
    try:
        keep = kept_columns(keep)
    except InvalidKeptColumns as fault:
        raise click.UsageError(f"--keep: {fault}") from fault
    settings = settings_or_exit()
    if model is not None:
        settings = replace(settings, model_dir=model)
    errors = errors or out.with_name(f"{out.name}.errors.csv")
    wanted = FileToScore(
        file,
        out,
        errors,
        recorded=not no_record,
        dask=dask,
        policy=policy,
        conventions=conventions,
        keep=keep,
        trial=trial,
    )
    started, progress = time.monotonic(), _Progress(wanted)
    try:
        with stop_on_signals() as stopping, ProgressBar(f"Scoring {file.name}") as progress.bar:
            done = score_file(
                settings,
                wanted,
                operator=operating_system_user(),
                cancelled=lambda: stopping.requested,
                on_progress=progress.update,
            )
    except FILE_ERRORS as fault:
        raise FileUnusable(f"{fault}{progress.recorded()}") from fault
    except SERVICE_ERRORS as fault:
        what = f"{str(fault).removesuffix('.')}{progress.recorded('at least ')}"
        raise click.ClickException(f"{what}. No results were written.") from fault
    except KeyboardInterrupt:
        click.echo(f"Stopped immediately{progress.recorded('at least ')}. No results were written.", err=True)
        sys.exit(_INTERRUPTED)
    if not done.scored.complete:
        click.echo(f"Stopped{progress.recorded()}. No results were written.", err=True)
        sys.exit(_INTERRUPTED)
    click.echo(_summary(wanted, done, time.monotonic() - started))
    counts = done.scored.counts
    if counts.read == counts.refused:
        click.echo(f"Error: {every_row_rejected(counts.read, counts.first_refusal)}", err=True)
        sys.exit(_EVERY_ROW_REJECTED)
    if counts.refused:
        rejected = counted(counts.refused, "row was", "rows were")
        click.echo(f"Warning: {rejected} rejected and not decided; see {wanted.errors}", err=True)


@dataclass(slots=True)
class _Progress:
    """The latest counts, for the progress bar and for the message where scoring ends early."""

    wanted: FileToScore
    counts: PortfolioCounts = PortfolioCounts()  # noqa: RUF009 - a frozen value
    bar: ProgressBar | None = None

    def update(self, counts: PortfolioCounts) -> None:
        self.counts = counts
        if self.bar is not None:
            self.bar.show(counts.share_done, f"{counts.read:,} rows")

    def recorded(self, qualifier: str = "") -> str:
        """The decisions that stay recorded; "at least" where a commit may be unconfirmed."""
        if not (self.wanted.recorded and self.counts.read):
            return ""
        return f"; {qualifier}{_recorded(self.counts)}"


def _recorded(counts: PortfolioCounts) -> str:
    return counted(counts.on_record, "decision is recorded", "decisions are recorded")


def _summary(wanted: FileToScore, done: FileScored, seconds: float) -> str:
    counts = done.scored.counts
    shares = [
        f"  {outcome.value:<10}{number:>12,}  {number / max(1, counts.decided):>6.1%}"
        for outcome, number in counts.outcomes.items()
    ]
    rejected = f"  {'rejected':<10}{counts.refused:>12,}" + (f"  see {wanted.errors}" if counts.refused else "")
    record = _recorded(counts) if wanted.recorded else "nothing was recorded"
    skipped = f"; {counted(done.skipped, 'line skipped', 'lines skipped')}" if done.skipped else ""
    return "\n".join(
        [
            *(f"note: {wanted.file.name}: {notice}" for notice in done.notices),
            f"{counted(counts.read, 'row', 'rows')} read{skipped}",
            *shares,
            rejected,
            f"{record}; results are in {wanted.out}",
            f"{seconds:.1f} s, {counts.read / max(seconds, 1e-9):,.0f} rows a second",
        ]
    )
