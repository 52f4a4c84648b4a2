"""`scoring score`: decisions for a whole file, CSV or Parquet in and out.

Exit codes: 0 when every row was read (refused rows included: they stand in the errors file), 1 when the model, the
database, the Dask cluster or the disk failed, 2 when a file that was named cannot be used, 130 after Ctrl-C.
"""

import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import FrameType
from typing import Any

import click

from application.use_cases.batches.score_portfolio import PortfolioCounts
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.composition.offline import FAULTS, UNUSABLE_FILES, FileScored, FileToScore, score_file
from entrypoints.configuration.operating_system_user import operating_system_user
from entrypoints.counting import counted

_INTERRUPTED = 130


class FileUnusable(click.ClickException):
    """A file that was named on the command line cannot be read or written."""

    exit_code = 2


@click.command("score")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Results: .csv, .csv.gz or .parquet.")
@click.option("--errors", type=click.Path(path_type=Path), help="Refused rows, CSV. Default: <out>.errors.csv")
@click.option("--no-record", is_flag=True, help="A trial: put nothing on record, and need no database.")
@click.option(
    "--model",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another model's bundle than the champion's.",
)
@click.option(
    "--dask", metavar="ADDRESS", help="Decide on the Dask cluster whose scheduler is there, tcp://HOST:8786."
)
def command(
    file: Path, *, out: Path, errors: Path | None, no_record: bool, model: Path | None, dask: str | None
) -> None:
    """Decide on every loan application in FILE (CSV, CSV.gz or Parquet) and write the results.

    A row that cannot be read goes, with its line, field and reason, to the errors file, which is written even when
    there is none; the other rows go on. Results and errors appear when the last row is done, or not at all, and
    then replace what stood there. Ctrl-C stops after the rows being recorded.
    """
    settings = settings_or_exit()
    if model is not None:
        settings = replace(settings, model_dir=model)
    errors = errors or out.with_name(f"{out.name}.errors.csv")
    wanted = FileToScore(file, out, errors, recorded=not no_record, dask=dask)
    began, watched = time.monotonic(), _Watched(wanted)
    try:
        with _asked_to_stop() as stopping, ProgressBar(f"Scoring {file.name}") as watched.bar:
            done = score_file(
                settings,
                wanted,
                operator=operating_system_user(),
                cancelled=lambda: stopping.asked,
                on_progress=watched.note,
            )
    except UNUSABLE_FILES as fault:
        raise FileUnusable(f"{fault}{watched.on_record()}") from fault
    except FAULTS as fault:
        raise click.ClickException(f"{fault}{watched.on_record('at least ')}. No results were written.") from fault
    except KeyboardInterrupt:
        click.echo(f"Stopped at once{watched.on_record('at least ')}. No results were written.", err=True)
        sys.exit(_INTERRUPTED)
    if not done.scored.complete:
        click.echo(f"Stopped{watched.on_record()}. No results were written.", err=True)
        sys.exit(_INTERRUPTED)
    click.echo(_summary(wanted, done, time.monotonic() - began))


@dataclass(slots=True)
class _Watched:
    """How far scoring has got, for the bar and for whoever is told that it ended early."""

    wanted: FileToScore
    counts: PortfolioCounts = PortfolioCounts()  # noqa: RUF009 - a frozen value
    bar: ProgressBar | None = None

    def note(self, counts: PortfolioCounts) -> None:
        """Take and show the latest counts."""
        self.counts = counts
        if self.bar is not None:
            self.bar.show(counts.share_done, f"{counts.read:,} rows")

    def on_record(self, sure: str = "") -> str:
        """What to say of the decisions that stay on record; `at least` where a commit may have gone unheard."""
        if not (self.wanted.recorded and self.counts.read):
            return ""
        return f"; {sure}{_on_record(self.counts)}"


@dataclass(slots=True)
class _Stopping:
    asked: bool = False


@contextmanager
def _asked_to_stop() -> Iterator[_Stopping]:
    """Ctrl-C and SIGTERM ask to stop; a second Ctrl-C stops at once."""
    stopping = _Stopping()
    usual: dict[signal.Signals, Any] = {}

    def ask(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - Python's signature
        stopping.asked = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        click.echo("Stopping after the rows at hand ...", err=True)

    for each in (signal.SIGINT, signal.SIGTERM):
        usual[each] = signal.signal(each, ask)
    try:
        yield stopping
    finally:
        for each, handler in usual.items():
            signal.signal(each, handler)


def _on_record(counts: PortfolioCounts) -> str:
    return counted(counts.on_record, "decision is on record", "decisions are on record")


def _summary(wanted: FileToScore, done: FileScored, seconds: float) -> str:
    counts = done.scored.counts
    shares = [
        f"  {outcome.value:<10}{number:>12,}  {number / max(1, counts.decided):>6.1%}"
        for outcome, number in counts.outcomes.items()
    ]
    refused = f"  {'refused':<10}{counts.refused:>12,}" + (f"  see {wanted.errors}" if counts.refused else "")
    record = _on_record(counts) if wanted.recorded else "nothing was put on record"
    skipped = f"; {counted(done.skipped, 'line was no loan', 'lines were no loans')}" if done.skipped else ""
    return "\n".join(
        [
            *(f"note: {wanted.file.name}: {notice}" for notice in done.notices),
            f"{counted(counts.read, 'row', 'rows')} read{skipped}",
            *shares,
            refused,
            f"{record}; results are in {wanted.out}",
            f"{seconds:.1f} s, {counts.read / max(seconds, 1e-9):,.0f} rows a second",
        ]
    )
