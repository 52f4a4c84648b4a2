"""`scoring train`: a model bundle from a file of loans whose end is known.

Exit codes: 0 when the bundle is written, 1 when no model came of the loans, 2 when a file or folder that was named
cannot be used.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.cli.score import FileUnusable
from entrypoints.composition.offline import UNUSABLE_FILES, ModelTrained, TrainingFailed, train_from_file


@click.command("train")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the new bundle."
)
@click.option("--version", default="1.0.0", show_default=True, help="What the model is called from now on.")
@click.option(
    "--seed", default=1, show_default=True, type=click.IntRange(min=0), help="Same loans and seed, same bytes."
)
@click.option(
    "--refits",
    default=60,
    show_default=True,
    type=click.IntRange(min=2),
    help="Models refitted to resampled loans, to say how sure of a PD the champion is.",
)
@click.option("--force", is_flag=True, help="Replace the bundle in a folder that is not empty.")
def command(*, file: Path, out: Path, version: str, seed: int, refits: int, force: bool) -> None:
    """Train a credit model on the loans in FILE (CSV, CSV.gz or Parquet), measure it and write its bundle.

    FILE has the 13 fields of a loan application, issue_d, loan_status and, where the mix must be restored,
    sample_weight; int_rate is used for figures of profit. The bundle appears when it is complete and checked.
    """
    if out.is_dir() and any(out.iterdir()) and not force:
        raise FileUnusable(
            f"{out}: the folder is not empty; choose another, or --force to replace the bundle in it"
        )
    try:
        with ProgressBar(f"Training from {file.name}") as bar:
            trained = train_from_file(
                file,
                out,
                version=version,
                seed=seed,
                refits=refits,
                report=lambda stage, share: bar.show(share, "", heading=stage),
            )
    except UNUSABLE_FILES as fault:
        raise FileUnusable(str(fault)) from fault
    except (TrainingFailed, OSError) as fault:
        raise click.ClickException(f"{fault}. No model was written.") from fault
    click.echo(_summary(trained, out))


def _summary(trained: ModelTrained, out: Path) -> str:
    return "\n".join(
        [
            f"Model {trained.version} is in {out}",
            f"  fingerprint  {trained.fingerprint}",
            f"  rows read    {trained.rows_read:,}, refused {trained.rows_refused:,}",
            *(
                f"    line {fault.line}: {fault.field} {fault.value!r} {fault.reason}"
                for fault in trained.first_faults
            ),
            *(f"  {line}" for part in ("data", "measures") for line in _told(part, trained.card.get(part))),
            "The model card, with its limits, is model_card.md in that folder.",
        ]
    )


def _told(name: str, value: Any) -> Iterator[str]:
    """The single figures of a part of the model card, a line each; lists are left to the card itself."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _told(f"{name} {key}", part)
    elif isinstance(value, float):
        yield f"{name.replace('_', ' ')}: {value:.4f}"
    elif isinstance(value, int | str):
        yield f"{name.replace('_', ' ')}: {value}"
