"""`scoring train`: train a model bundle from a file of loans with known outcomes.

Exit codes: 0 where the bundle is written, 1 where no model could be trained, 2 where a given file or folder cannot
be used.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from domain.batches.file_conventions import FileConventions
from entrypoints.cli.convention_options import convention_options
from entrypoints.cli.main import settings_or_exit
from entrypoints.cli.products import read_definition
from entrypoints.cli.progress_bar import ProgressBar
from entrypoints.cli.score import FileUnusable
from entrypoints.composition.processes.portfolio import FILE_ERRORS
from entrypoints.composition.processes.training import (
    ModelTrained,
    TrainingFailed,
    pricing_grades,
    train_from_file,
)


@click.command("train")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Folder of the new bundle."
)
@click.option("--version", default="1.0.0", show_default=True, help="The version of the new model.")
@click.option(
    "--seed",
    default=1,
    show_default=True,
    type=click.IntRange(min=0),
    help="The same loans and seed give the same bytes.",
)
@click.option(
    "--refits",
    default=60,
    show_default=True,
    type=click.IntRange(min=2),
    help="Models refitted to resampled loans, for the uncertainty of each PD.",
)
@click.option(
    "--trees",
    default=200,
    show_default=True,
    type=click.IntRange(min=1),
    help="Number of trees. Fewer make a smaller model that separates less.",
)
@click.option(
    "--product",
    "product_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Definition of the product, by default that of SCORING_PRODUCT.",
)
@click.option(
    "--notes",
    "notes_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file that describes the loans on the model card, and the economics for the profit report; "
    "models/champion_notes.toml is an example.",
)
@convention_options
@click.option("--force", is_flag=True, help="Replace the bundle in an existing folder.")
def command(
    *,
    file: Path,
    out: Path,
    version: str,
    seed: int,
    refits: int,
    trees: int,
    product_file: Path | None,
    notes_file: Path | None,
    conventions: FileConventions,
    force: bool,
) -> None:
    """Train a credit model on the loans in FILE (CSV, CSV.gz or Parquet), evaluate it and write its bundle.

    FILE has the fields of the product's applications, issue_d, loan_status and, for a sample that is not
    representative, sample_weight; int_rate, if known, is used to estimate profit. Where a column looks like
    another unit, nothing is trained until --percent-as or --income-as states how to read it. The bundle appears
    when it is complete and verified.
    """
    settings = settings_or_exit()
    product = settings.product if product_file is None else read_definition(product_file)
    if out.is_dir() and any(out.iterdir()) and not force:
        raise FileUnusable(
            f"{out}: the folder is not empty; choose another, or use --force to replace the bundle in it"
        )
    try:
        with ProgressBar(f"Training from {file.name}") as bar:
            trained = train_from_file(
                product,
                file,
                out,
                notes_file=notes_file,
                conventions=conventions,
                grades=pricing_grades(settings, product),
                version=version,
                seed=seed,
                refits=refits,
                trees=trees,
                report=lambda stage, share: bar.show(share, "", heading=stage),
            )
    except FILE_ERRORS as fault:
        raise FileUnusable(str(fault)) from fault
    except (TrainingFailed, OSError) as fault:
        raise click.ClickException(f"No model was written: {fault}") from fault
    click.echo(_summary(trained, out))


def _summary(trained: ModelTrained, out: Path) -> str:
    return "\n".join(
        [
            f"Model {trained.version} is in {out}",
            f"  fingerprint  {trained.fingerprint}",
            f"  rows read    {trained.rows_read:,}, rejected {trained.rows_refused:,}",
            *(
                f"    line {fault.line}: {fault.field} {fault.value!r} {fault.reason}"
                for fault in trained.first_faults
            ),
            *(f"  {line}" for part in ("data", "measures") for line in _figures(part, trained.card.get(part))),
            *(f"Warning: {warning}" for warning in (*trained.remarks, *trained.card["warnings"])),
            "The model card, with the model's limitations, is model_card.md in that folder.",
        ]
    )


def _figures(name: str, value: Any) -> Iterator[str]:
    """The scalar figures in a part of the model card, one line each; lists are in the card itself."""
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _figures(f"{name} {key}", part)
    elif isinstance(value, float):
        yield f"{name.replace('_', ' ')}: {value:.4f}"
    elif isinstance(value, int | str):
        yield f"{name.replace('_', ' ')}: {value}"
